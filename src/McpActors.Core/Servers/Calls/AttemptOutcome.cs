namespace McpActors.Core.Servers.Calls;

/// <summary>How one attempt of a call ended, as the carrier saw it.</summary>
public enum AttemptResult
{
    /// <summary>A result.</summary>
    Success,

    /// <summary>A result with <c>isError: true</c>: the tool's answer.</summary>
    ToolError,

    /// <summary>A JSON-RPC error other than -32603, or an HTTP 4xx: the server works and refuses this request.</summary>
    ProtocolError,

    /// <summary>JSON-RPC error -32603.</summary>
    InternalError,

    /// <summary>No answer within the attempt's time.</summary>
    Timeout,

    /// <summary>No connection: refused, name not resolved, TLS failed, or a process that could not be started.</summary>
    ConnectFailed,

    /// <summary>The connection broke. With <see cref="AttemptOutcome.Sent"/> false: a stream refused before it was processed.</summary>
    Reset,

    /// <summary>HTTP 5xx without a JSON-RPC answer.</summary>
    ServerError,

    /// <summary>HTTP 429.</summary>
    Throttled,

    /// <summary>HTTP 401 or 403 to our own credentials.</summary>
    AuthRejected,

    /// <summary>The server does not know our session (404, or 400 that names the session): the request was not executed.</summary>
    SessionLost,

    /// <summary>The server's process ended.</summary>
    ProcessLost,

    /// <summary>An answer that is no valid answer to this request: malformed, mismatched or truncated.</summary>
    Malformed,

    /// <summary>An answer above the size limit.</summary>
    TooLarge,

    /// <summary>The caller went away or cancelled.</summary>
    Cancelled,

    /// <summary>The node that holds the connection was lost, or the way to it: it says nothing about the server.</summary>
    NodeLost,
}

/// <summary>What an attempt tells the circuit breaker.</summary>
public enum CircuitVerdict
{
    /// <summary>The server works.</summary>
    Success,

    /// <summary>The server does not work.</summary>
    Failure,

    /// <summary>Nothing: a permit goes back, no count changes.</summary>
    NoVerdict,
}

/// <summary>The outcome of one attempt: everything that circuit and retry decide upon.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Sent">Whether a byte of the request may have reached the server. When unsure: true.</param>
/// <param name="FirstByte">Whether a byte of the answer's body, or an event of its stream, had arrived: from then on the call is committed.</param>
/// <param name="Latency">From the start of the attempt to its end.</param>
/// <param name="RetryAfter">What the server asked for, if it did.</param>
/// <param name="StatusCode">The HTTP status, if there was one.</param>
/// <param name="ErrorCode">The JSON-RPC error code, if there was one.</param>
public readonly record struct AttemptOutcome(
    AttemptResult Result,
    bool Sent,
    bool FirstByte,
    TimeSpan Latency,
    TimeSpan? RetryAfter = null,
    int? StatusCode = null,
    int? ErrorCode = null)
{
    /// <summary>
    /// What this attempt says about the server. An answer that refuses the request is a sign of life, so 4xx and tool errors are successes.
    /// Throttling, a forgotten session, an oversized answer and a lost node speak neither for nor against it. A result not known here is a failure.
    /// </summary>
    public CircuitVerdict Verdict => Result switch
    {
        AttemptResult.Success or AttemptResult.ToolError or AttemptResult.ProtocolError or AttemptResult.AuthRejected => CircuitVerdict.Success,
        AttemptResult.Cancelled or AttemptResult.Throttled or AttemptResult.SessionLost or AttemptResult.TooLarge
            or AttemptResult.NodeLost => CircuitVerdict.NoVerdict,
        _ => CircuitVerdict.Failure,
    };

    /// <summary>Whether the server answered this request, so that there is nothing to repair.</summary>
    public bool IsAnswered => Result is AttemptResult.Success or AttemptResult.ToolError or AttemptResult.ProtocolError;

    /// <summary>Whether the request provably had no effect: it never left, or the server refused it with its session.</summary>
    public bool ProvablyNotExecuted => !Sent || Result == AttemptResult.SessionLost;

    /// <summary>Whether nobody was there to take the request.</summary>
    public bool Unreachable => Result == AttemptResult.ConnectFailed;

    /// <summary>
    /// Whether opening a new session or process repairs it. Such a call is sent once more at once, for every class and beyond budget and attempts:
    /// a restart of a server loses the sessions of all its callers together.
    /// </summary>
    public bool HealsByReconnect => Result == AttemptResult.SessionLost || (Result == AttemptResult.ProcessLost && !Sent);

    /// <summary>Whether the caller must be told that the call may have been executed.</summary>
    public bool IsUnknown => !IsAnswered && !ProvablyNotExecuted
        && Result is not (AttemptResult.InternalError or AttemptResult.Throttled or AttemptResult.AuthRejected);
}
