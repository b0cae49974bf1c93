namespace McpActors.Core.Servers.Circuit;

/// <summary>Why a circuit changed; bounded, so it may label a metric.</summary>
public enum CircuitCause
{
    /// <summary>The failure rate of the window.</summary>
    FailureRate,

    /// <summary>The slow-call rate of the window.</summary>
    SlowCallRate,

    /// <summary>Failures in a row.</summary>
    ConsecutiveFailures,

    /// <summary>The server's process ends again and again.</summary>
    CrashLoop,

    /// <summary>All endpoints refused the connection for two calls in a row.</summary>
    EndpointsRefuse,

    /// <summary>A half-open call failed.</summary>
    ProbeFailed,

    /// <summary>A half-open call did not end in time.</summary>
    ProbeHung,

    /// <summary>The open time passed.</summary>
    TimePassed,

    /// <summary>The lost transport answers again.</summary>
    TransportBack,

    /// <summary>All half-open calls succeeded.</summary>
    ProbesPassed,

    /// <summary>It opened while the journal was out of reach.</summary>
    JournalMerge,

    /// <summary>An operator's action, or its end.</summary>
    Operator,
}

/// <summary>A transition of a circuit, as it is journalled. A closed set: every event that changes <see cref="CircuitState"/> is nested here.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Reason">Why, for people.</param>
public abstract record CircuitEvent(DateTimeOffset At, string Reason)
{
    /// <summary>Closed or half-open to open.</summary>
    /// <param name="At">When it happened.</param>
    /// <param name="Reason">Why, for people.</param>
    /// <param name="Cause">Why, for programs.</param>
    /// <param name="Until">From when on a call may probe.</param>
    /// <param name="TransportLost">Whether nothing was there to talk to, so that a probe of the transport may end it early.</param>
    public sealed record Opened(DateTimeOffset At, string Reason, CircuitCause Cause, DateTimeOffset Until, bool TransportLost)
        : CircuitEvent(At, Reason);

    /// <summary>Open to half-open.</summary>
    /// <param name="At">When it happened.</param>
    /// <param name="Reason">Why, for people.</param>
    /// <param name="Cause"><see cref="CircuitCause.TimePassed"/> or <see cref="CircuitCause.TransportBack"/>.</param>
    public sealed record HalfOpened(DateTimeOffset At, string Reason, CircuitCause Cause) : CircuitEvent(At, Reason);

    /// <summary>Half-open to closed.</summary>
    /// <param name="At">When it happened.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record Closed(DateTimeOffset At, string Reason) : CircuitEvent(At, Reason);

    /// <summary>An operator forced it; the phase below is kept and rests.</summary>
    /// <param name="At">When it happened.</param>
    /// <param name="Reason">The operator's reason.</param>
    /// <param name="Mode">Forced open or forced closed.</param>
    /// <param name="Until">When it ends by itself; none: when an operator ends it.</param>
    public sealed record Forced(DateTimeOffset At, string Reason, CircuitMode Mode, DateTimeOffset? Until) : CircuitEvent(At, Reason);

    /// <summary>A forced state ended: the phase below acts again.</summary>
    /// <param name="At">When it happened.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record Released(DateTimeOffset At, string Reason) : CircuitEvent(At, Reason);

    /// <summary>An operator set it to closed and automatic, whatever it was.</summary>
    /// <param name="At">When it happened.</param>
    /// <param name="Reason">The operator's reason.</param>
    public sealed record Reset(DateTimeOffset At, string Reason) : CircuitEvent(At, Reason);
}

/// <summary>The transitions of one call on the machine: none, one or two, in order.</summary>
/// <param name="First">The first, if any.</param>
/// <param name="Second">The second, if any.</param>
public readonly record struct CircuitTransitions(CircuitEvent? First, CircuitEvent? Second = null)
{
    /// <summary>Whether nothing changed.</summary>
    public bool IsEmpty => First is null;

    /// <summary>How many.</summary>
    public int Count => First is null ? 0 : Second is null ? 1 : 2;

    /// <summary>The transition at <paramref name="index"/>.</summary>
    public CircuitEvent this[int index] => (index == 0 ? First : index == 1 ? Second : null) ?? throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>These, then one more.</summary>
    internal CircuitTransitions Then(CircuitEvent next) => First is null ? new(next) : new(First, next);
}
