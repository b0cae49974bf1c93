namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>The keys of <c>_meta</c> that the gateway reads or writes.</summary>
public static class MetaKeys
{
    /// <summary>Of a request that wants progress.</summary>
    public const string ProgressToken = "progressToken";

    /// <summary>Required on each modern request, as is the next.</summary>
    public const string ProtocolVersion = "io.modelcontextprotocol/protocolVersion";
    public const string ClientCapabilities = "io.modelcontextprotocol/clientCapabilities";
    public const string ClientInfo = "io.modelcontextprotocol/clientInfo";
    public const string LogLevel = "io.modelcontextprotocol/logLevel";

    /// <summary>Of modern results.</summary>
    public const string ServerInfo = "io.modelcontextprotocol/serverInfo";

    /// <summary>Of the messages of a modern subscription.</summary>
    public const string SubscriptionId = "io.modelcontextprotocol/subscriptionId";

    /// <summary>W3C trace context, as are the next two.</summary>
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";
    public const string Baggage = "baggage";

    /// <summary>The same key and body give the same answer.</summary>
    public const string IdempotencyKey = "io.mcpactors/idempotencyKey";

    /// <summary>How long the caller waits, in milliseconds; each hop passes on what is left.</summary>
    public const string TimeoutMs = "io.mcpactors/timeoutMs";

    /// <summary>Names the servers that are missing in a partial list.</summary>
    public const string Unavailable = "io.mcpactors/unavailable";

    /// <summary>An error of the gateway inside a result.</summary>
    public const string Error = "io.mcpactors/error";

    /// <summary>Start of all keys between a caller and this gateway; they never reach an upstream.</summary>
    public static ReadOnlySpan<byte> GatewayPrefix => "io.mcpactors/"u8;
}
