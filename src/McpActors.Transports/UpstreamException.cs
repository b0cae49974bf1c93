using McpActors.Core.Servers.Calls;

namespace McpActors.Transports;

/// <summary>
/// A failed attempt, classified. Its message is for operators and callers: it names what happened and holds no payload, header or secret.
/// </summary>
public sealed class UpstreamException : Exception
{
    /// <summary>Creates it.</summary>
    public UpstreamException(AttemptResult result, string message, Exception? inner = null)
        : base(message, inner) => Result = result;

    /// <summary>What happened.</summary>
    public AttemptResult Result { get; }

    /// <summary>Whether a byte of the request may have reached the server; true when in doubt.</summary>
    public bool Sent { get; init; }

    /// <summary>Whether a byte of the answer had arrived.</summary>
    public bool FirstByte { get; init; }

    /// <summary>The HTTP status, if there was one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How long the server asked us to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>More for the operator, such as the last line of a child's stderr: not for callers, for it may hold anything.</summary>
    public string? OperatorDetail { get; init; }

    /// <summary>What retry and circuit decide upon.</summary>
    public AttemptOutcome ToOutcome(TimeSpan latency) => new(Result, Sent, FirstByte, latency, RetryAfter, StatusCode);

    /// <summary>The same while connecting: whatever the handshake sent, no call was sent.</summary>
    internal UpstreamException BeforeCall() => new(Result, Message, this)
    {
        StatusCode = StatusCode,
        RetryAfter = RetryAfter,
        OperatorDetail = OperatorDetail,
    };
}
