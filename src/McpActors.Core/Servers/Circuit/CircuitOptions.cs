namespace McpActors.Core.Servers.Circuit;

/// <summary>Settings of the circuit breaker of one server (<c>servers.*.circuit</c>).</summary>
public sealed record CircuitOptions
{
    /// <summary>The defaults.</summary>
    public static CircuitOptions Default { get; } = new();

    /// <summary>Share of failed calls in the window that opens the circuit, reached or exceeded. Ratio above 0 to 1; default 0.5.</summary>
    public double FailureRate { get; init; } = 0.5;

    /// <summary>Calls that the window must hold before a rate counts. 1 to 1,000,000; default 10.</summary>
    public int MinimumCalls { get; init; } = 10;

    /// <summary>Length of the sliding window. 1 s to 1 h; default 30 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Failures in a row that open the circuit, whatever the window holds. 0 (off) to 10,000; default 5.</summary>
    public int ConsecutiveFailures { get; init; } = 5;

    /// <summary>A call that takes at least this long is slow. 0 (off) to 1 h; default 10 s.</summary>
    public TimeSpan SlowCall { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Share of slow calls in the window that opens the circuit, reached or exceeded. Ratio above 0 to 1; default 1.</summary>
    public double SlowCallRate { get; init; } = 1;

    /// <summary>How long the circuit stays open the first time. 100 ms to 1 h; default 10 s.</summary>
    public TimeSpan OpenFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Cap of the open time, which doubles with each failed probe. <see cref="OpenFor"/> to 24 h; default 5 min.</summary>
    public TimeSpan MaxOpenFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Calls let through half-open; all must succeed to close the circuit. 1 to 100; default 3.</summary>
    public int HalfOpenCalls { get; init; } = 3;

    /// <summary>A half-open call without an end for this long counts as failed. 100 ms to 24 h; default 30 s.</summary>
    public TimeSpan HalfOpenMaxWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What the values must keep.</summary>
    public static IReadOnlyList<SettingRule<CircuitOptions>> Rules { get; } =
    [
        new("failureRate", "a ratio above 0% and at most 100%", o => o.FailureRate is > 0 and <= 1),
        new("minimumCalls", "a whole number from 1 to 1000000", o => o.MinimumCalls is >= 1 and <= 1_000_000),
        new("window", "a duration from 1s to 1h", o => IsBetween(o.Window, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))),
        new("consecutiveFailures", "a whole number from 0 (off) to 10000", o => o.ConsecutiveFailures is >= 0 and <= 10_000),
        new("slowCall", "a duration from 0s (off) to 1h", o => IsBetween(o.SlowCall, TimeSpan.Zero, TimeSpan.FromHours(1))),
        new("slowCallRate", "a ratio above 0% and at most 100%", o => o.SlowCallRate is > 0 and <= 1),
        new("openFor", "a duration from 100ms to 1h", o => IsBetween(o.OpenFor, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1))),
        new("maxOpenFor", "a duration from openFor to 24h", o => IsBetween(o.MaxOpenFor, o.OpenFor, TimeSpan.FromHours(24))),
        new("halfOpenCalls", "a whole number from 1 to 100", o => o.HalfOpenCalls is >= 1 and <= 100),
        new("halfOpenMaxWait", "a duration from 100ms to 24h", o => IsBetween(o.HalfOpenMaxWait, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24))),
    ];

    private static bool IsBetween(TimeSpan value, TimeSpan least, TimeSpan most) => value >= least && value <= most;
}
