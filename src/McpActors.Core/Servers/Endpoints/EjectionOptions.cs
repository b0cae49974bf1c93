namespace McpActors.Core.Servers.Endpoints;

/// <summary>When a replica of a server is left out for a while, because it does worse than it should.</summary>
public sealed record EjectionOptions
{
    /// <summary>The defaults.</summary>
    public static EjectionOptions Default { get; } = new();

    /// <summary>Failures in a row that eject a replica. 1 to 10,000; default 5.</summary>
    public int ConsecutiveFailures { get; init; } = 5;

    /// <summary>Share of failed calls in the window that ejects it, where the others together do better by half at least. Ratio above 0 to 1; default 0.5.</summary>
    public double FailureRate { get; init; } = 0.5;

    /// <summary>Calls that the window must hold before the rate counts. 1 to 1,000,000; default 20.</summary>
    public int MinimumCalls { get; init; } = 20;

    /// <summary>Length of the sliding window. 1 s to 1 h; default 30 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it is left out the first time; each further time as much longer. 100 ms to 1 h; default 30 s.</summary>
    public TimeSpan EjectFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Cap of that time. <see cref="EjectFor"/> to 24 h; default 5 min.</summary>
    public TimeSpan MaxEjectFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What the values must keep.</summary>
    public static IReadOnlyList<SettingRule<EjectionOptions>> Rules { get; } =
    [
        new("consecutiveFailures", "a whole number from 1 to 10000", o => o.ConsecutiveFailures is >= 1 and <= 10_000),
        new("failureRate", "a ratio above 0% and at most 100%", o => o.FailureRate is > 0 and <= 1),
        new("minimumCalls", "a whole number from 1 to 1000000", o => o.MinimumCalls is >= 1 and <= 1_000_000),
        new("window", "a duration from 1s to 1h", o => IsBetween(o.Window, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))),
        new("ejectFor", "a duration from 100ms to 1h", o => IsBetween(o.EjectFor, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1))),
        new("maxEjectFor", "a duration from ejectFor to 24h", o => IsBetween(o.MaxEjectFor, o.EjectFor, TimeSpan.FromHours(24))),
    ];

    private static bool IsBetween(TimeSpan value, TimeSpan least, TimeSpan most) => value >= least && value <= most;
}
