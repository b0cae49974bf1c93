using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Health;

/// <summary>What one observation says.</summary>
public enum HealthSignKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It answers in time.</summary>
    Good,

    /// <summary>It answers, but not well.</summary>
    Slow,

    /// <summary>It does not answer.</summary>
    Bad,

    /// <summary>It cannot be used, which somebody with hysteresis of their own decided: the circuit.</summary>
    Down,

    /// <summary>There is nothing to be known.</summary>
    Gone,
}

/// <summary>One observation of a server, from its traffic or from a probe.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Weight">How many single observations it stands for.</param>
/// <param name="Impaired">Whether it is degraded at best, because its circuit has yet to close.</param>
/// <param name="Reason">In words.</param>
public readonly record struct HealthSign(HealthSignKind Kind, int Weight, bool Impaired, string Reason)
{
    /// <summary>A probe that takes this long is slow: 2 s.</summary>
    public static readonly TimeSpan SlowProbe = TimeSpan.FromSeconds(2);

    /// <summary>Share of failed calls from which on the traffic speaks against the server: a half.</summary>
    private const double BadShare = 0.5;

    /// <summary>Share of failed calls from which on it is not well: a fifth.</summary>
    private const double PoorShare = 0.2;

    /// <summary>Share of slow calls from which on it is slow: a half.</summary>
    private const double SlowShare = 0.5;

    /// <summary>Nothing new.</summary>
    public static HealthSign None { get; } = new(HealthSignKind.None, 0, false, "");

    /// <summary>What the facts of the server's owner say.</summary>
    public static HealthSign Of(ServerFacts facts)
    {
        var impaired = facts.Circuit == CircuitPhase.HalfOpen;
        return facts switch
        {
            { Life: ServerLife.Off } => Sign(HealthSignKind.Gone, "disabled"),
            { Circuit: CircuitPhase.Open, Forced: true } => Sign(HealthSignKind.Gone, $"the circuit is forced open: {facts.Text}"),
            { Circuit: CircuitPhase.Open } => Sign(HealthSignKind.Down, $"the circuit is open: {facts.Text}"),
            { Life: ServerLife.Failing } => Sign(HealthSignKind.Bad, facts.Text ?? "it cannot be started"),
            { Life: ServerLife.Idle, Circuit: CircuitPhase.Closed, Traffic: false } => Sign(HealthSignKind.Gone, "idle: nothing runs that could be probed"),
            { Traffic: true, Window.Calls: > 0 } => OfTraffic(facts, impaired),
            // The window is new, as after half-open calls that closed the circuit.
            { Traffic: true, Circuit: CircuitPhase.Closed, FailuresInARow: 0 } => Sign(HealthSignKind.Good, "calls succeed"),
            _ => None,
        };
    }

    /// <summary>What a probe says.</summary>
    public static HealthSign Of(ProbeResult result, TimeSpan latency, string? text, ServerFacts facts)
    {
        var impaired = facts.Circuit != CircuitPhase.Closed;
        return result switch
        {
            ProbeResult.Answered when latency >= SlowProbe => new(HealthSignKind.Slow, 1, impaired, FormattableString.Invariant($"a probe took {latency.TotalSeconds:0.0} s")),
            ProbeResult.Answered => new(HealthSignKind.Good, 1, impaired, impaired ? "it answers; the circuit waits for calls to close" : "it answers"),
            ProbeResult.Failed => Sign(HealthSignKind.Bad, text ?? "a probe failed"),
            _ => Of(facts),
        };
    }

    /// <summary>What a probe of one of several replicas says; null: nothing.</summary>
    public static HealthSign? OfReplica(ProbeResult result, TimeSpan latency) => result switch
    {
        ProbeResult.Answered => new HealthSign(latency >= SlowProbe ? HealthSignKind.Slow : HealthSignKind.Good, 1, false, "it answers"),
        ProbeResult.Failed => Sign(HealthSignKind.Bad, "a probe failed"),
        _ => null,
    };

    private static HealthSign OfTraffic(ServerFacts facts, bool impaired)
    {
        var window = facts.Window;
        var failed = FormattableString.Invariant($"{window.Failures} of {window.Calls} calls failed");
        if (facts.FailuresInARow >= VerdictMachine.Fall || (window.Failures > 0 && window.FailureRate >= BadShare))
        {
            return new(HealthSignKind.Bad, window.Failures, impaired, failed);
        }

        if (window.Failures > 1 && window.FailureRate >= PoorShare)
        {
            return new(HealthSignKind.Slow, window.Failures, impaired, failed);
        }

        return window.Slow > 0 && window.SlowCallRate >= SlowShare
            ? new(HealthSignKind.Slow, window.Slow, impaired, FormattableString.Invariant($"{window.Slow} of {window.Calls} calls were slow"))
            : new(HealthSignKind.Good, window.Successes, impaired, impaired ? "calls succeed; the circuit is half-open" : "calls succeed");
    }

    private static HealthSign Sign(HealthSignKind kind, string reason) => new(kind, 1, false, reason);
}
