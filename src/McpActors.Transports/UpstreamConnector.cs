using McpActors.Core.Configuration;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports.Handshake;
using McpActors.Transports.Http;
using McpActors.Transports.Remote;
using McpActors.Transports.Stdio;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports;

/// <summary>Opens connections to servers of every kind. One per node; disposing it closes the pools and ends every child that is left.</summary>
public sealed class UpstreamConnector : IUpstreamConnector, IDisposable
{
    private readonly HttpInvokers _invokers = new();
    private readonly ProcessReaper _reaper;
    private readonly TransportSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    /// <summary>Creates it; nothing is opened or started before the first connection.</summary>
    public UpstreamConnector(TransportSettings settings, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        _settings = settings;
        _time = time;
        _log = logs.CreateLogger<UpstreamConnector>();
        _reaper = new ProcessReaper(logs.CreateLogger<ProcessReaper>());
    }

    /// <inheritdoc />
    public async Task<IUpstreamConnection> ConnectAsync(ConnectRequest request, IUpstreamEvents events, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var limit = request.Server.Timeout.Initialize;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var timer = _time.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), patience, limit, Timeout.InfiniteTimeSpan);
        try
        {
            return request.Server.Transport == ServerTransport.Stdio
                ? await ConnectStdioAsync(request, events, patience.Token)
                : await ConnectHttpAsync(request, events, patience.Token);
        }
        catch (OperationCanceledException fault) when (!ct.IsCancellationRequested)
        {
            throw new UpstreamException(AttemptResult.Timeout, $"the server did not get ready within {limit.TotalSeconds:0.#} s (timeout.initialize)", fault);
        }
        catch (UpstreamException fault) when (fault.Sent)
        {
            throw fault.BeforeCall();
        }
    }

    /// <inheritdoc />
    public IUpstreamConnection Join(ServerModel server, ConnectionId id, ConnectionLoan loan)
    {
        ArgumentNullException.ThrowIfNull(server);
        // Where the owner went, whatever this node's own configuration says of the order of the replicas.
        var url = loan.Url ?? server.Url ?? throw new ArgumentException($"Server {server.Id} has no url", nameof(server));
        var context = new HttpUpstreamContext(server, url, _settings, NoEvents.Instance, _time, _log);
        return new HttpConnection(id, context, _invokers.Rent(server.Id, url, server.Timeout.Connect), loan);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _invokers.Dispose();
        _reaper.Dispose();
    }

    private async Task<IUpstreamConnection> ConnectHttpAsync(ConnectRequest request, IUpstreamEvents events, CancellationToken ct)
    {
        var url = request.Server.UrlOf(request.Endpoint)
            ?? throw new UpstreamException(AttemptResult.Cancelled, $"the configuration has no replica {request.Endpoint} any more") { Sent = false };
        var context = new HttpUpstreamContext(request.Server, url, _settings, events, _time, _log);
        var connection = new HttpConnection(request.Id, context, _invokers.Rent(request.Server.Id, url, request.Server.Timeout.Connect));
        try
        {
            await ShakeHandsAsync(connection, request, request.RememberedEra, ct);
            connection.OpenServerStream();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<IUpstreamConnection> ConnectStdioAsync(ConnectRequest request, IUpstreamEvents events, CancellationToken ct)
    {
        var context = new StdioUpstreamContext(request.Server, _settings, events, _time, _log);
        var remembered = request.RememberedEra;
        for (var again = false; ; again = true)
        {
            var connection = StdioConnection.Start(request.Id, context, _reaper);
            try
            {
                await ShakeHandsAsync(connection, request, remembered, ct);
                connection.Announce();
                return connection;
            }
            catch (UpstreamException fault) when (fault.Result == AttemptResult.ProcessLost)
            {
                await connection.DisposeAsync();
                _log.NotReady(context.Name, connection.Loss, connection.Diagnostics.StderrTail ?? "");

                // Some old servers do not survive a message before initialize: they get one more chance, without the probe.
                if (again || Forced(request) is not null || remembered is not null)
                {
                    throw new UpstreamException(AttemptResult.ConnectFailed, connection.Loss, fault) { OperatorDetail = connection.LastStderrLine };
                }

                remembered = ProtocolRevision.NewestLegacy;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
    }

    private Task<PeerInfo> ShakeHandsAsync(IHandshakePeer peer, ConnectRequest request, ProtocolRevision? remembered, CancellationToken ct)
    {
        var plan = new HandshakePlan(Forced(request), remembered, request.Profile);
        return new EraProbe(peer, plan, _settings, _time).RunAsync(ct);
    }

    private static ProtocolRevision? Forced(ConnectRequest request)
        => request.Server.Protocol is { } text && ProtocolRevision.TryParse(text, out var revision) ? revision : null;
}
