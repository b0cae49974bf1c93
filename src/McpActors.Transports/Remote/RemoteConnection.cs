using System.Buffers;
using System.Globalization;
using System.Net;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports.Http;

namespace McpActors.Transports.Remote;

/// <summary>Makes requests to the node that holds a connection; with what admits this node there.</summary>
/// <param name="method">The HTTP method.</param>
/// <param name="path">Below the connection's own path; empty for that path.</param>
public delegate HttpRequestMessage NodeRequest(HttpMethod method, string path);

/// <summary>The way to another node.</summary>
/// <param name="Http">Sends to it.</param>
/// <param name="Request">Makes requests to it.</param>
/// <param name="End">
/// Fires when it is a member no more. A node that is halted or cut off breaks no connection: without this, what is under way there would wait for its deadline.
/// </param>
public sealed record NodeLink(HttpMessageInvoker Http, NodeRequest Request, CancellationToken End);

/// <summary>
/// A process of another node: messages go over that node's internal listener, answers stream back as they come. Leaving the answer unread closes its stream,
/// which cancels the call there; a reader that is slow slows the other node's writer, because nothing in between gathers.
/// </summary>
public sealed class RemoteConnection : IUpstreamConnection
{
    /// <summary>Names the request's id.</summary>
    public const string IdHeader = "Mcp-Node-Request-Id";

    /// <summary>Names its method.</summary>
    public const string MethodHeader = "Mcp-Node-Method";

    private readonly NodeLink _node;
    private readonly BorrowedIds _ids;
    private readonly JsonLimits _limits;

    /// <summary>Creates it; nothing is sent.</summary>
    public RemoteConnection(ConnectionId id, ConnectionLoan loan, NodeLink node, TransportSettings settings)
    {
        ArgumentNullException.ThrowIfNull(loan);
        ArgumentNullException.ThrowIfNull(settings);
        Id = id;
        Peer = loan.Peer;
        _node = node;
        _ids = new BorrowedIds(loan.FirstId, loan.Ids);
        _limits = JsonLimits.Upstream with { Depth = settings.Depth };
    }

    /// <inheritdoc/>
    public ConnectionId Id { get; }

    /// <inheritdoc/>
    public PeerInfo Peer { get; }

    /// <inheritdoc/>
    public bool IsAlive => !_ids.AreUsedUp;

    /// <inheritdoc/>
    public int? ProcessId => null;

    /// <inheritdoc/>
    public ConnectionDiagnostics Diagnostics => new(null, 0);

    /// <inheritdoc/>
    public long NextRequestId() => _ids.Next();

    /// <inheritdoc/>
    public async ValueTask<IUpstreamExchange> SendAsync(UpstreamRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var content = new MessageContent(request.Body, request.Splices);
        using var message = _node.Request(HttpMethod.Post, "/calls");
        message.Headers.TryAddWithoutValidation(IdHeader, request.Id.ToString(CultureInfo.InvariantCulture));
        message.Headers.TryAddWithoutValidation(MethodHeader, request.MethodName);
        message.Content = content;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct, _node.End);
        try
        {
            var response = await _node.Http.SendAsync(message, end.Token);
            await content.CloseAsync();
            if (response.IsSuccessStatusCode)
            {
                request.Sent = true;
                return new RemoteExchange(response, request, _limits, _node.End);
            }

            response.Dispose();
            throw Refused(response.StatusCode);
        }
        catch (Exception fault) when (fault is not UpstreamException)
        {
            await content.CloseAsync();
            var sent = content.Started && fault is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
            request.Sent = sent;
            if (ct.IsCancellationRequested)
            {
                throw new OperationCanceledException("The request was cancelled", fault, ct);
            }

            throw NodeLost(fault, sent);
        }
    }

    /// <inheritdoc/>
    public async ValueTask PostAsync(ReadOnlySequence<byte> message, CancellationToken ct)
    {
        using var request = _node.Request(HttpMethod.Post, "/messages");
        var content = new MessageContent(message, null);
        request.Content = content;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct, _node.End);
        try
        {
            using var response = await _node.Http.SendAsync(request, end.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw Refused(response.StatusCode);
            }
        }
        catch (Exception fault) when (fault is not UpstreamException && !ct.IsCancellationRequested)
        {
            throw NodeLost(fault, content.Started);
        }
        finally
        {
            await content.CloseAsync();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The node, or the way to it, is lost.</summary>
    public static UpstreamException NodeLost(Exception? fault, bool sent) =>
        new(AttemptResult.NodeLost, "the node that runs the server was lost or cannot be reached", fault) { Sent = sent };

    // The node is there and has the connection no more, or lives another life: the actor has another one, or is somewhere else.
    private static UpstreamException Refused(HttpStatusCode status) => status is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized
        ? new UpstreamException(AttemptResult.SessionLost, "the connection had just been replaced") { Sent = false }
        : new UpstreamException(AttemptResult.NodeLost, string.Create(CultureInfo.InvariantCulture, $"the node that runs the server answered HTTP {(int)status}"))
        {
            Sent = status != HttpStatusCode.ServiceUnavailable,
        };
}
