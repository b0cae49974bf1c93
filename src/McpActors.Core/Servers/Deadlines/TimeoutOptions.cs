namespace McpActors.Core.Servers.Deadlines;

/// <summary>Time limits of one server (<c>servers.*.timeout</c>). Each 1 ms to 24 h.</summary>
public sealed record TimeoutOptions
{
    /// <summary>The defaults.</summary>
    public static TimeoutOptions Default { get; } = new();

    /// <summary>To open a connection, or to start a process. Default 5 s.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>To open a session, or to learn the server's era. Default 30 s.</summary>
    public TimeSpan Initialize { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For a list in all; after it the last good copy answers. Default 10 s.</summary>
    public TimeSpan List { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For any other call in all, over queue and attempts. Default 55 s.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(55);

    /// <summary>For one attempt; counts only where another attempt is allowed. Default 20 s.</summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What the values must keep.</summary>
    public static IReadOnlyList<SettingRule<TimeoutOptions>> Rules { get; } =
    [
        new("connect", Expected, o => IsValid(o.Connect)),
        new("initialize", Expected, o => IsValid(o.Initialize)),
        new("list", Expected, o => IsValid(o.List)),
        new("call", Expected, o => IsValid(o.Call)),
        new("attempt", Expected, o => IsValid(o.Attempt)),
    ];

    private const string Expected = "a duration from 1ms to 24h";

    private static bool IsValid(TimeSpan value) => value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromHours(24);
}
