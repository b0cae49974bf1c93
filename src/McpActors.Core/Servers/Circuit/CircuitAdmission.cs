using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Circuit;

/// <summary>Why a circuit does not let a call through.</summary>
public enum CircuitRejection
{
    /// <summary>It does.</summary>
    None,

    /// <summary>It is open.</summary>
    Open,

    /// <summary>It is half-open and its permits are taken.</summary>
    ProbesInFlight,

    /// <summary>An operator forced it open.</summary>
    ForcedOpen,
}

/// <summary>What an admitted call hands back with its outcome, so that results of an older phase do not count.</summary>
/// <param name="Epoch">The phase that admitted it, counted from the start of the machine.</param>
/// <param name="ProbeSlot">Its half-open permit, or -1.</param>
public readonly record struct CircuitTicket(long Epoch, int ProbeSlot = -1)
{
    /// <summary>Whether it is a half-open call: it runs over a fresh session or process.</summary>
    public bool IsProbe => ProbeSlot >= 0;
}

/// <summary>A circuit's answer to a call.</summary>
/// <param name="Rejection">Why not, or <see cref="CircuitRejection.None"/>.</param>
/// <param name="Ticket">To be handed back with the outcome.</param>
/// <param name="RetryAfter">When asking again makes sense; none where no end is known.</param>
/// <param name="Transitions">What changed by asking.</param>
public readonly record struct CircuitAdmission(
    CircuitRejection Rejection,
    CircuitTicket Ticket,
    TimeSpan? RetryAfter,
    CircuitTransitions Transitions)
{
    /// <summary>Whether the call may go on.</summary>
    public bool Allowed => Rejection == CircuitRejection.None;

    /// <summary>Whether it is a half-open call.</summary>
    public bool IsProbe => Allowed && Ticket.IsProbe;
}

/// <summary>The outcome of one attempt, for the circuit.</summary>
/// <param name="Ticket">From the admission.</param>
/// <param name="Verdict">What it says about the server.</param>
/// <param name="Latency">How long it took.</param>
/// <param name="Unreachable">Whether nobody was there to take it.</param>
public readonly record struct CircuitSample(CircuitTicket Ticket, CircuitVerdict Verdict, TimeSpan Latency, bool Unreachable = false)
{
    /// <summary>The sample of an attempt.</summary>
    public static CircuitSample Of(CircuitTicket ticket, in AttemptOutcome outcome) =>
        new(ticket, outcome.Verdict, outcome.Latency, outcome.Unreachable);
}

/// <summary>All that can be shown of a circuit.</summary>
/// <param name="State">Phase, mode, since, until, reason.</param>
/// <param name="Window">Counts of the sliding window.</param>
/// <param name="ConsecutiveFailures">Failures in a row now.</param>
/// <param name="ProbesInFlight">Half-open calls without an end yet.</param>
/// <param name="ProbesPassed">Half-open calls that succeeded.</param>
public sealed record CircuitSnapshot(CircuitState State, CircuitCounts Window, int ConsecutiveFailures, int ProbesInFlight, int ProbesPassed);
