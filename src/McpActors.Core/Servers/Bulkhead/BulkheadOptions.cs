namespace McpActors.Core.Servers.Bulkhead;

/// <summary>Settings of the concurrency limit of one server (<c>servers.*.concurrency</c>).</summary>
public sealed record BulkheadOptions
{
    /// <summary>The defaults.</summary>
    public static BulkheadOptions Default { get; } = new();

    /// <summary>Calls in flight at once. 1 to 100,000; default 64.</summary>
    public int Max { get; init; } = 64;

    /// <summary>Calls that may wait for a permit. 0 (none) to 100,000; default 256.</summary>
    public int Queue { get; init; } = 256;

    /// <summary>How long a call may wait for a permit. 1 ms to 10 min; default 1 s.</summary>
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What the values must keep.</summary>
    public static IReadOnlyList<SettingRule<BulkheadOptions>> Rules { get; } =
    [
        new("max", "a whole number from 1 to 100000", o => o.Max is >= 1 and <= 100_000),
        new("queue", "a whole number from 0 to 100000", o => o.Queue is >= 0 and <= 100_000),
        new("queueTimeout", "a duration from 1ms to 10m", o => o.QueueTimeout >= TimeSpan.FromMilliseconds(1) && o.QueueTimeout <= TimeSpan.FromMinutes(10)),
    ];
}
