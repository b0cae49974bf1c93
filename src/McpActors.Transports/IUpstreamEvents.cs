using McpActors.Core.Servers.Upstream;

namespace McpActors.Transports;

/// <summary>What an upstream does of its own accord. Called from I/O threads: implementers only enqueue.</summary>
public interface IUpstreamEvents
{
    /// <summary>A notification outside any exchange.</summary>
    /// <param name="id">Whence.</param>
    /// <param name="message">The message, the receiver's own copy.</param>
    void OnMessage(ConnectionId id, ReadOnlyMemory<byte> message);

    /// <summary>
    /// A request outside any exchange, other than <c>ping</c>. Returns true when the receiver will answer it with
    /// <see cref="IUpstreamConnection.PostAsync"/>; otherwise the transport answers that the method is not known.
    /// </summary>
    /// <param name="id">Whence.</param>
    /// <param name="method">The method asked for.</param>
    /// <param name="message">The message, the receiver's own copy.</param>
    bool OnRequest(ConnectionId id, string method, ReadOnlyMemory<byte> message) => false;

    /// <summary>The connection is of no more use. Told once; never after the owner disposed it.</summary>
    /// <param name="id">Which.</param>
    /// <param name="reason">Why.</param>
    /// <param name="exitCode">The exit code, when a process ended.</param>
    void OnClosed(ConnectionId id, UpstreamFault reason, int? exitCode);
}

/// <summary>Tells nobody: what a borrowed connection has to say, its owner hears.</summary>
internal sealed class NoEvents : IUpstreamEvents
{
    public static NoEvents Instance { get; } = new();

    public void OnMessage(ConnectionId id, ReadOnlyMemory<byte> message)
    {
    }

    public void OnClosed(ConnectionId id, UpstreamFault fault, int? exitCode)
    {
    }
}
