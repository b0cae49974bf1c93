namespace McpActors.Core.Protocol.Headers;

/// <summary>Names of the HTTP headers of the protocol. Names are compared without regard to case, values with.</summary>
public static class McpHeaders
{
    /// <summary>The revision spoken.</summary>
    public const string ProtocolVersion = "MCP-Protocol-Version";

    /// <summary>Repeats the method of a modern request.</summary>
    public const string Method = "Mcp-Method";

    /// <summary>Repeats the tool, prompt, resource or task that a modern request is about.</summary>
    public const string Name = "Mcp-Name";

    /// <summary>Begins the headers that repeat single arguments of a modern tool call.</summary>
    public const string ParameterPrefix = "Mcp-Param-";

    /// <summary>Session of the revisions 2025-03-26 to 2025-11-25.</summary>
    public const string SessionId = "Mcp-Session-Id";

    /// <summary>Resumes a stream of those revisions.</summary>
    public const string LastEventId = "Last-Event-ID";

    /// <summary>Media type of one message.</summary>
    public const string Json = "application/json";

    /// <summary>Media type of a stream of messages.</summary>
    public const string EventStream = "text/event-stream";
}
