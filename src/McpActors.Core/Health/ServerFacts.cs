using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Health;

/// <summary>What of a server runs.</summary>
public enum ServerLife
{
    /// <summary>Nothing: the next call starts it.</summary>
    Idle,

    /// <summary>It is being started.</summary>
    Starting,

    /// <summary>A session or process is open, or none is needed to speak to it.</summary>
    Ready,

    /// <summary>Nothing, and the last start failed or the connection was lost.</summary>
    Failing,

    /// <summary>It is not to run: disabled or removed.</summary>
    Off,
}

/// <summary>What the owner of a server knows of it without asking it anything. Told on transitions, and every few seconds while there is traffic.</summary>
/// <param name="Server">The server.</param>
/// <param name="Circuit">The circuit as callers feel it; half-open too when it is open and its time has passed.</param>
/// <param name="Forced">Whether an operator set it.</param>
/// <param name="Life">What of it runs.</param>
/// <param name="Window">The calls in the circuit's window.</param>
/// <param name="FailuresInARow">Failed calls in a row.</param>
/// <param name="Traffic">Whether there were calls since the facts before.</param>
/// <param name="Text">Why the circuit is as it is, or the last start failed.</param>
public sealed record ServerFacts(
    ServerId Server, CircuitPhase Circuit, bool Forced, ServerLife Life, CircuitCounts Window, int FailuresInARow, bool Traffic, string? Text);

/// <summary>How a probe ended.</summary>
public enum ProbeResult
{
    /// <summary>The server answered; an answer that refuses is one too.</summary>
    Answered,

    /// <summary>No answer in time, or no connection.</summary>
    Failed,

    /// <summary>Nothing was sent: nothing runs, the circuit is open, or there was something better to do.</summary>
    Skipped,
}

/// <summary>A probe that was made.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Result">How.</param>
/// <param name="Latency">How long it took.</param>
/// <param name="Text">Why it failed or was skipped.</param>
public sealed record ProbeReport(DateTimeOffset At, ProbeResult Result, TimeSpan Latency, string? Text);
