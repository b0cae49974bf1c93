namespace McpActors.Core.Servers.Circuit;

/// <summary>The phases of a circuit breaker.</summary>
public enum CircuitPhase
{
    /// <summary>Calls pass and are counted.</summary>
    Closed,

    /// <summary>Calls are rejected until a time.</summary>
    Open,

    /// <summary>A few calls pass and decide.</summary>
    HalfOpen,
}

/// <summary>Who decides: the traffic or an operator.</summary>
public enum CircuitMode
{
    /// <summary>The traffic.</summary>
    Auto,

    /// <summary>An operator: all calls are rejected.</summary>
    ForcedOpen,

    /// <summary>An operator: all calls pass.</summary>
    ForcedClosed,
}

/// <summary>
/// What of a circuit outlives the process: the fold of its <see cref="CircuitEvent"/>s. The counts of traffic are not part of it.
/// Closed → Open → HalfOpen → Closed or Open; Forced and Released lie over it; Reset leads to Closed from everywhere.
/// </summary>
public sealed record CircuitState
{
    /// <summary>A circuit that nothing has happened to.</summary>
    public static CircuitState Initial { get; } = new();

    /// <summary>What the traffic decided; rests while forced.</summary>
    public CircuitPhase Phase { get; init; }

    /// <summary>Who decides.</summary>
    public CircuitMode Mode { get; init; }

    /// <summary>When a forced state ends by itself; none: not forced, or without end.</summary>
    public DateTimeOffset? ForcedUntil { get; init; }

    /// <summary>The last transition; <see cref="DateTimeOffset.MinValue"/> before the first.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>When an open circuit may be probed.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Reason of the last transition, for people.</summary>
    public string Reason { get; init; } = "";

    /// <summary>How often it opened since it was last closed; the open time doubles with it.</summary>
    public int OpenCount { get; init; }

    /// <summary>Whether it is open because nothing was there to talk to.</summary>
    public bool OpenedByLostTransport { get; init; }

    /// <summary>Whether the journal has been read; false while serving without it.</summary>
    public bool Recovered { get; init; }

    /// <summary>The phase as callers feel it, forcing included.</summary>
    public CircuitPhase EffectivePhase => Mode switch
    {
        CircuitMode.ForcedOpen => CircuitPhase.Open,
        CircuitMode.ForcedClosed => CircuitPhase.Closed,
        _ => Phase,
    };

    /// <summary>When the state as callers feel it changes by itself, if it does.</summary>
    public DateTimeOffset? EffectiveUntil => Mode == CircuitMode.Auto ? Until : ForcedUntil;

    /// <summary>The state after <paramref name="change"/>.</summary>
    /// <exception cref="InvalidOperationException">The event cannot follow upon this state: the journal or the machine is wrong.</exception>
    public CircuitState Evolve(CircuitEvent change)
    {
        var next = change switch
        {
            CircuitEvent.Opened opened => Open(opened),
            CircuitEvent.HalfOpened => HalfOpen(change),
            CircuitEvent.Closed => Close(change),
            CircuitEvent.Forced forced => Force(forced),
            CircuitEvent.Released => Release(change),
            CircuitEvent.Reset => Closed(),
            _ => throw Impossible(change),
        };
        return next with { Since = change.At, Reason = change.Reason };
    }

    private CircuitState Open(CircuitEvent.Opened change)
    {
        Require(Mode == CircuitMode.Auto && Phase != CircuitPhase.Open, change);
        return this with
        {
            Phase = CircuitPhase.Open,
            Until = change.Until,
            OpenCount = OpenCount + 1,
            OpenedByLostTransport = change.TransportLost,
        };
    }

    private CircuitState HalfOpen(CircuitEvent change)
    {
        Require(Mode == CircuitMode.Auto && Phase == CircuitPhase.Open, change);
        return this with { Phase = CircuitPhase.HalfOpen, Until = null };
    }

    private CircuitState Close(CircuitEvent change)
    {
        Require(Mode == CircuitMode.Auto && Phase == CircuitPhase.HalfOpen, change);
        return Closed();
    }

    private CircuitState Force(CircuitEvent.Forced change)
    {
        Require(change.Mode != CircuitMode.Auto, change);
        return this with { Mode = change.Mode, ForcedUntil = change.Until };
    }

    private CircuitState Release(CircuitEvent change)
    {
        Require(Mode != CircuitMode.Auto, change);
        return this with { Mode = CircuitMode.Auto, ForcedUntil = null };
    }

    private CircuitState Closed() => Initial with { Recovered = Recovered };

    private void Require(bool possible, CircuitEvent change)
    {
        if (!possible)
        {
            throw Impossible(change);
        }
    }

    private InvalidOperationException Impossible(CircuitEvent change) =>
        new($"Circuit event {change.GetType().Name} at {change.At:O} cannot follow upon phase {Phase}, mode {Mode}.");
}
