using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using McpActors.Cluster.Nodes;
using McpActors.Core.Configuration;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;
using McpActors.Transports.Remote;
using Microsoft.Extensions.Logging;

namespace McpActors.Cluster.Servers;

/// <summary>
/// The upstream connections of this node: opens and closes them for the server actors, and lists the open ones for the carriers. A connection always has an
/// end: with its actor, with the node, or when it arrives after either. Thread-safe.
/// </summary>
internal sealed partial class UpstreamPool(
    IUpstreamConnector connector, ConnectionRegistry registry, ILoans loans, TimeProvider time, ILogger<UpstreamPool> log) : IDisposable
{
    /// <summary>Between looks at connections that are left to the calls on them.</summary>
    private static readonly TimeSpan LingerLook = TimeSpan.FromMilliseconds(100);

    /// <summary>The same where other nodes must be asked.</summary>
    private static readonly TimeSpan LentLook = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<ConnectionId, Task> _lingering = new();
    private readonly ConcurrentDictionary<ConnectionId, IUpstreamConnection> _open = new();
    private readonly CancellationTokenSource _closed = new();

    /// <summary>An id that is unique in the node.</summary>
    public long NextId() => registry.NextId().Value;

    /// <summary>The connection, or null when it has gone.</summary>
    public IUpstreamConnection? Find(ConnectionId id) => _open.GetValueOrDefault(id);

    /// <summary>Opens a connection; the result is <see cref="Opened"/> or <see cref="NotOpened"/>, never an exception.</summary>
    public async Task<object> OpenAsync(ConnectRequest request, IUpstreamEvents events, TimeSpan timeout, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, _closed.Token);
        limit.CancelAfter(timeout);
        try
        {
            var connection = await connector.ConnectAsync(request, events, limit.Token);
            _open[request.Id] = connection;
            if (ct.IsCancellationRequested || _closed.IsCancellationRequested)
            {
                // Nobody is left to whom it could be given.
                await CloseAsync(request.Id);
                return NotOpened.Of(request.Id, AttemptResult.Cancelled, "no longer wanted", start);
            }

            registry.Add(connection);
            return new Opened(request.Id, connection.Peer, connection.ProcessId);
        }
        catch (UpstreamException e)
        {
            return new NotOpened(request.Id, e.ToOutcome(Stopwatch.GetElapsedTime(start)), new UpstreamFault(e.Message, e.OperatorDetail));
        }
        catch (OperationCanceledException)
        {
            return ct.IsCancellationRequested
                ? NotOpened.Of(request.Id, AttemptResult.Cancelled, "no longer wanted", start)
                : NotOpened.Of(request.Id, AttemptResult.Timeout, $"not initialised within {timeout.TotalSeconds:0.#} s", start);
        }
        catch (Exception e)
        {
            // A defect of a transport must not leave a server without an answer for ever; it is a failed connection, and loud.
            LogDefect(e, request.Server.Id.Value);
            return NotOpened.Of(request.Id, AttemptResult.ConnectFailed, $"internal fault: {e.GetType().Name}", start);
        }
    }

    /// <summary>Lists a connection to a server that keeps no state, made of what its owner knows. Nothing is sent.</summary>
    /// <param name="server">The server.</param>
    /// <param name="loan">What its owner knows.</param>
    /// <param name="life">The life of this node, which is the upper half of the connection's id.</param>
    public ConnectionId Join(ServerModel server, ConnectionLoan loan, int life)
    {
        var id = new ConnectionId(((long)life << 32) | (uint)NextId());
        var connection = connector.Join(server, id, loan);
        _open[id] = connection;
        registry.Add(connection);
        return id;
    }

    /// <summary>Closes a connection and ends its process; done when that is over.</summary>
    public async Task CloseAsync(ConnectionId id)
    {
        registry.Remove(id);
        if (!_open.TryRemove(id, out var connection))
        {
            return;
        }

        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception e)
        {
            // It is out of use whatever happened; who closes many must come to the others too.
            LogNotClosed(e, id);
        }
    }

    /// <summary>
    /// Leaves a connection to the calls that are on it, because its actor moves: it is closed when they have ended, or at the latest at <paramref name="until"/>.
    /// Nobody gives it new ones.
    /// </summary>
    public void Linger(ConnectionId id, DateTimeOffset until)
    {
        (Find(id) as ILendable)?.Retire();
        var lingering = _lingering[id] = LingerAsync(id, until);
        _ = lingering.ContinueWith(_ => _lingering.TryRemove(id, out var _), TaskScheduler.Default);
    }

    /// <summary>Completes when no connection lingers any more.</summary>
    public Task WhenNoneLingersAsync(CancellationToken ct) => Task.WhenAll(_lingering.Values).WaitAsync(ct);

    private async Task LingerAsync(ConnectionId id, DateTimeOffset until)
    {
        LogLingers(id, until);
        try
        {
            using var look = new PeriodicTimer(LingerLook, time);
            while (Find(id) is { IsAlive: true } connection && time.GetUtcNow() < until)
            {
                var busy = connection.IsBusy;
                look.Period = busy is null ? LentLook : LingerLook;
                // The end of a call is told to the server's owner, which is another node by now: of calls on a lent session, those that borrowed it know.
                if (!(busy ?? !await loans.AreGivenBackAsync(id, _closed.Token)))
                    break;
                await look.WaitForNextTickAsync(_closed.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The node waits no longer.
        }

        await CloseAsync(id);
    }

    /// <summary>Closes everything, because the node leaves; what arrives later is closed on arrival.</summary>
    public async Task CloseAllAsync(CancellationToken ct)
    {
        await _closed.CancelAsync();
        await Task.WhenAll(_open.Keys.Select(CloseAsync)).WaitAsync(ct);
    }

    public void Dispose() => _closed.Dispose();

    [LoggerMessage(EventId = 3101, Level = LogLevel.Error, Message = "Connecting to {Server} failed in an unforeseen way")]
    private partial void LogDefect(Exception e, string server);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Warning, Message = "Connection {Connection} was not closed cleanly")]
    private partial void LogNotClosed(Exception e, ConnectionId connection);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Information, Message = "Connection {Connection} is left to the calls on it, at most until {Until}: its actor moves")]
    private partial void LogLingers(ConnectionId connection, DateTimeOffset until);

    /// <summary>A connection is open and listed.</summary>
    internal sealed record Opened(ConnectionId Id, PeerInfo Peer, int? ProcessId) : INoSerializationVerificationNeeded;

    /// <summary>A connection could not be opened.</summary>
    internal sealed record NotOpened(ConnectionId Id, AttemptOutcome Outcome, UpstreamFault Fault) : INoSerializationVerificationNeeded
    {
        internal static NotOpened Of(ConnectionId id, AttemptResult result, string text, long start) =>
            new(id, new AttemptOutcome(result, Sent: false, FirstByte: false, Stopwatch.GetElapsedTime(start)), new UpstreamFault(text));
    }
}
