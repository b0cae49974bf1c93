using McpActors.Core.Servers;

namespace McpActors.Gateway.Pipeline;

/// <summary>How a call ended, as its client saw it; a bounded set, so that it may be a label.</summary>
public enum CallEnd
{
    /// <summary>A result of the server.</summary>
    Ok,

    /// <summary>A result with <c>isError: true</c>.</summary>
    ToolError,

    /// <summary>A JSON-RPC error of the server.</summary>
    ProtocolError,

    /// <summary>Served from the cache.</summary>
    Cached,

    /// <summary>Refused before anything was sent: circuit, queue, disabled.</summary>
    Rejected,

    /// <summary>The server failed.</summary>
    UpstreamError,

    /// <summary>The deadline passed.</summary>
    Timeout,

    /// <summary>The client left or cancelled.</summary>
    Cancelled,

    /// <summary>A fault of the gateway.</summary>
    Fault,
}

/// <summary>Watches calls, for metrics. Called on the hot path: implementers only count.</summary>
public interface ICallObserver
{
    /// <summary>A call began.</summary>
    void Started(ServerId server, string method);

    /// <summary>A call ended.</summary>
    void Finished(ServerId server, string method, string? tool, CallEnd end, TimeSpan duration);

    /// <summary>An attempt ended.</summary>
    /// <param name="server">The server.</param>
    /// <param name="method">The method.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="duration">How long it took.</param>
    void Attempted(ServerId server, string method, Core.Servers.Calls.AttemptResult result, int attempt, TimeSpan duration);
}

/// <summary>Watches nothing.</summary>
public sealed class NoCallObserver : ICallObserver
{
    /// <summary>The one instance.</summary>
    public static NoCallObserver Instance { get; } = new();

    /// <inheritdoc />
    public void Started(ServerId server, string method)
    {
    }

    /// <inheritdoc />
    public void Finished(ServerId server, string method, string? tool, CallEnd end, TimeSpan duration)
    {
    }

    /// <inheritdoc />
    public void Attempted(ServerId server, string method, Core.Servers.Calls.AttemptResult result, int attempt, TimeSpan duration)
    {
    }
}
