namespace McpActors.Core.Protocol.Errors;

/// <summary>
/// Error codes on the wire. Those of JSON-RPC and of the protocol are said by whichever side finds the fault; the gateway's own lie outside
/// the range that JSON-RPC reserves, so that nobody takes them for the server's.
/// </summary>
public static class McpErrorCodes
{
    /// <summary>The bytes are no JSON.</summary>
    public const int ParseError = -32700;

    /// <summary>The JSON is no message.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>No such method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>Malformed parameters; an unknown tool or prompt; since 2026-07-28 also an unknown resource.</summary>
    public const int InvalidParams = -32602;

    /// <summary>The server failed.</summary>
    public const int InternalError = -32603;

    /// <summary>An unknown resource, up to 2025-11-25. Never said to a modern client.</summary>
    public const int ResourceNotFound = -32002;

    /// <summary>Headers and body differ; since 2026-07-28, as are the next two.</summary>
    public const int HeaderMismatch = -32020;

    /// <summary>The server needs a capability that the client did not declare; <c>data.requiredCapabilities</c>.</summary>
    public const int MissingClientCapability = -32021;

    /// <summary>The revision is not spoken; <c>data.supported</c>, <c>data.requested</c>.</summary>
    public const int UnsupportedProtocolVersion = -32022;

    /// <summary>The user has to visit a URL first; 2025-11-25 only.</summary>
    public const int UrlElicitationRequired = -32042;

    /// <summary>A guard or a permission refuses; <c>data</c>: rule, position, server, tool.</summary>
    public const int Forbidden = 1403;

    /// <summary>No server has that id; the nearest one is suggested.</summary>
    public const int UnknownServer = 1404;

    /// <summary>The idempotency key came with another body before.</summary>
    public const int IdempotencyConflict = 1409;

    /// <summary>Queue full, queue wait passed, or rate limit; <c>data.retryAfterMs</c>, <c>data.phase</c>.</summary>
    public const int Busy = 1429;

    /// <summary>The gateway itself failed; its log has the id that the error shows.</summary>
    public const int GatewayFault = 1500;

    /// <summary>The server was lost mid-call, answered with what cannot be used, or refuses the gateway; <c>data</c>: outcome, what or status.</summary>
    public const int BadUpstream = 1502;

    /// <summary>The circuit is open, the node is draining, or nobody owns the server yet; <c>data</c>: server, since, retryAfterMs, reason.</summary>
    public const int Unavailable = 1503;

    /// <summary>The deadline passed; <c>data</c>: phase, elapsedMs, outcome.</summary>
    public const int DeadlinePassed = 1504;

    /// <summary>Whether an error of this code was made by a gateway of this kind and not by a server.</summary>
    public static bool IsOurs(int code) => code is >= 1400 and < 1600;

    /// <summary>Whether only a server of 2026-07-28 or later says this, so that it tells the peer's era.</summary>
    public static bool TellsModern(int code) => code is HeaderMismatch or MissingClientCapability or UnsupportedProtocolVersion;
}
