using System.Buffers;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Transports;

/// <summary>One initialised connection: a session, a process, or (stateless HTTP) merely an address. Thread-safe.</summary>
public interface IUpstreamConnection : IAsyncDisposable
{
    /// <summary>This incarnation.</summary>
    ConnectionId Id { get; }

    /// <summary>What the server said of itself.</summary>
    PeerInfo Peer { get; }

    /// <summary>Whether a call has a chance: false once the session or process is known to be lost, or after disposal.</summary>
    bool IsAlive { get; }

    /// <summary>Whether calls are on it; null when none of this node is, but it was lent to other nodes, which know of theirs.</summary>
    bool? IsBusy => null;

    /// <summary>The child's process id, if there is a child.</summary>
    int? ProcessId { get; }

    /// <summary>What the operator wants to see of it.</summary>
    ConnectionDiagnostics Diagnostics { get; }

    /// <summary>A request id that was not used on this connection. It is the request's progress token too.</summary>
    long NextRequestId();

    /// <summary>
    /// Sends a request. The exchange yields what the server says about it, then the response. Disposing the exchange before the response cancels
    /// the request as the era demands. The body may be reused once this has returned.
    /// </summary>
    /// <exception cref="UpstreamException">The attempt has failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> fired; <see cref="UpstreamRequest.Sent"/> says whether anything left.</exception>
    ValueTask<IUpstreamExchange> SendAsync(UpstreamRequest request, CancellationToken ct);

    /// <summary>Sends a notification, or the response to a request of the server.</summary>
    /// <exception cref="UpstreamException">It did not get there.</exception>
    ValueTask PostAsync(ReadOnlySequence<byte> message, CancellationToken ct);
}

/// <summary>What a connection can tell beside its calls.</summary>
/// <param name="StderrTail">The last 8 KB the child wrote to stderr; null where there is no child.</param>
/// <param name="DiscardedMessages">Messages that were no JSON-RPC, or belonged to nothing.</param>
public sealed record ConnectionDiagnostics(string? StderrTail, long DiscardedMessages);
