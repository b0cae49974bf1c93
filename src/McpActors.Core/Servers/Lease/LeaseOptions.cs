namespace McpActors.Core.Servers.Lease;

/// <summary>The times of a lease and what a new owner may use before it knows what its predecessor gave. The same on every node.</summary>
public sealed record LeaseOptions
{
    /// <summary>The defaults.</summary>
    public static LeaseOptions Default { get; } = new();

    /// <summary>How long a lease is good without a word from the owner before it counts as living on its grace. 100 ms to 1 min; default 2 s.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much longer calls are admitted while the owner is silent. 0 to 10 min; default 20 s: longer than a new owner takes.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// What the owner waits beyond <see cref="Validity"/> before it gives a silent holder's permits to others: covers clocks that run at different
    /// speed (1 s in 22 s: 2 % each). 0 to 1 min; default 1 s.
    /// </summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often an idle holder reports. 10 ms to <see cref="Ttl"/>; default 500 ms.</summary>
    public TimeSpan Renewal { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long outcomes are collected; failures are not. 1 ms to 10 s; default 100 ms.</summary>
    public TimeSpan Batch { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The least time between two reports, whatever happens. 0 to 1 s; default 10 ms.</summary>
    public TimeSpan Spacing { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// A holder without a call for this long gives its lease back; what is called more seldom gets none, because its renewals would cost more than its calls.
    /// 1 s to 24 h; default 5 s.
    /// </summary>
    public TimeSpan IdleRelease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Share of the permits that a new owner may use, beyond those of its predecessor that may still be out, until <see cref="Validity"/> and
    /// <see cref="Margin"/> have passed; at least one permit. Ratio from 0 to 1; default 0.25.
    /// </summary>
    public double TakeoverSlack { get; init; } = 0.25;

    /// <summary>How long a lease admits calls without a word from the owner: <see cref="Ttl"/> and <see cref="Grace"/>.</summary>
    public TimeSpan Validity => Ttl + Grace;

    /// <summary>What the values must keep.</summary>
    public static IReadOnlyList<SettingRule<LeaseOptions>> Rules { get; } =
    [
        new("ttl", "a duration from 100ms to 1m", o => IsBetween(o.Ttl, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1))),
        new("grace", "a duration from 0s to 10m", o => IsBetween(o.Grace, TimeSpan.Zero, TimeSpan.FromMinutes(10))),
        new("margin", "a duration from 0s to 1m", o => IsBetween(o.Margin, TimeSpan.Zero, TimeSpan.FromMinutes(1))),
        new("renewal", "a duration from 10ms to ttl", o => IsBetween(o.Renewal, TimeSpan.FromMilliseconds(10), o.Ttl)),
        new("batch", "a duration from 1ms to 10s", o => IsBetween(o.Batch, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10))),
        new("spacing", "a duration from 0s to 1s", o => IsBetween(o.Spacing, TimeSpan.Zero, TimeSpan.FromSeconds(1))),
        new("idleRelease", "a duration from 1s to 24h", o => IsBetween(o.IdleRelease, TimeSpan.FromSeconds(1), TimeSpan.FromHours(24))),
        new("takeoverSlack", "a ratio from 0% to 100%", o => o.TakeoverSlack is >= 0 and <= 1),
    ];

    /// <summary>The permits of <see cref="TakeoverSlack"/> for a server with this many: the stated slack of one change of the owner.</summary>
    public int SlackOf(int permits) => Math.Max(1, (int)(permits * TakeoverSlack));

    private static bool IsBetween(TimeSpan value, TimeSpan least, TimeSpan most) => value >= least && value <= most;
}
