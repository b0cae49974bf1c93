namespace McpActors.Core.Discovery.Sources;

/// <summary>When a source is asked next: regularly with jitter, after a failure sooner and then less and less, never before it said.</summary>
/// <param name="Due">When it is asked next.</param>
/// <param name="Failures">How often it failed in a row.</param>
public sealed record PollPace(DateTimeOffset Due, int Failures)
{
    /// <summary>A source's wish to be left alone counts up to this.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(24);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);

    /// <summary>The first question: soon, but not that of every source at once.</summary>
    /// <param name="now">The time.</param>
    /// <param name="random">A random number in [0, 1).</param>
    public static PollPace Begin(DateTimeOffset now, double random) => new(now + (LongestStart * random), 0);

    /// <summary>After a success: the interval, a tenth more or less.</summary>
    public static PollPace Succeeded(DateTimeOffset now, TimeSpan interval, double random) => new(now + (interval * (0.9 + (0.2 * random))), 0);

    /// <summary>After a failure: 5 s, doubled with each one up to the interval, half of it random; later if the source said so.</summary>
    public PollPace Failed(DateTimeOffset now, TimeSpan interval, TimeSpan? retryAfter, double random)
    {
        var doubled = FirstRetry * Math.Pow(2, Math.Min(Failures, 20));
        var most = interval < doubled ? interval : doubled;
        var wait = most * (0.5 + (0.5 * random));
        if (retryAfter is { } asked && asked > wait)
            wait = asked < LongestWait ? asked : LongestWait;
        return new PollPace(now + wait, Failures + 1);
    }
}
