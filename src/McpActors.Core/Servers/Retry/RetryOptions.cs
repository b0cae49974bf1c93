namespace McpActors.Core.Servers.Retry;

/// <summary>How the waiting time before a retry is spread.</summary>
public enum RetryJitter
{
    /// <summary>Not at all: the exponential delay itself.</summary>
    None,

    /// <summary>Decorrelated: a smooth spread around the exponential delay, each delay depending on the one before. The default.</summary>
    Decorrelated,

    /// <summary>Anything from 0 to the exponential delay.</summary>
    Full,

    /// <summary>Half the exponential delay, and anything up to the other half.</summary>
    Equal,
}

/// <summary>Settings of the retries of one server (<c>servers.*.retry</c>).</summary>
public sealed record RetryOptions
{
    /// <summary>The defaults.</summary>
    public static RetryOptions Default { get; } = new();

    /// <summary>Attempts in all, the first included. 1 (no retry) to 10; default 3.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>About the delay before the first retry; doubles with each. 1 ms to 1 min; default 200 ms.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Cap of a delay; <c>Retry-After</c> of the server may ask for more. <see cref="BaseDelay"/> to 10 min; default 5 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Spread of the delays. Default <see cref="RetryJitter.Decorrelated"/>.</summary>
    public RetryJitter Jitter { get; init; } = RetryJitter.Decorrelated;

    /// <summary>Retries allowed as a share of the calls of the last 10 s, but never fewer than 3. Ratio 0 to 1; default 0.2.</summary>
    public double Budget { get; init; } = 0.2;

    /// <summary>What the values must keep.</summary>
    public static IReadOnlyList<SettingRule<RetryOptions>> Rules { get; } =
    [
        new("attempts", "a whole number from 1 to 10", o => o.Attempts is >= 1 and <= 10),
        new("baseDelay", "a duration from 1ms to 1m", o => o.BaseDelay >= TimeSpan.FromMilliseconds(1) && o.BaseDelay <= TimeSpan.FromMinutes(1)),
        new("maxDelay", "a duration from baseDelay to 10m", o => o.MaxDelay >= o.BaseDelay && o.MaxDelay <= TimeSpan.FromMinutes(10)),
        new("jitter", "none, decorrelated, full or equal", o => Enum.IsDefined(o.Jitter)),
        new("budget", "a ratio from 0% to 100%", o => o.Budget is >= 0 and <= 1),
    ];
}
