namespace McpActors.Core.Servers.Deadlines;

/// <summary>The time of one call: from its arrival to its end, over queue, attempts and delays.</summary>
/// <param name="Start">When the call arrived.</param>
/// <param name="End">When it must have an answer.</param>
public readonly record struct CallDeadline(DateTimeOffset Start, DateTimeOffset End)
{
    /// <summary>The time of a call that arrives now: the server's limit, or the client's own where that is shorter.</summary>
    public static CallDeadline From(DateTimeOffset now, TimeSpan limit, TimeSpan? client = null)
    {
        var total = client is { } asked && asked < limit ? asked : limit;
        return new CallDeadline(now, now + (total > TimeSpan.Zero ? total : TimeSpan.Zero));
    }

    /// <summary>All of it.</summary>
    public TimeSpan Total => End - Start;

    /// <summary>What is left, never below zero.</summary>
    public TimeSpan Remaining(DateTimeOffset now) => now < End ? End - now : TimeSpan.Zero;

    /// <summary>What has passed, never below zero.</summary>
    public TimeSpan Elapsed(DateTimeOffset now) => now > Start ? now - Start : TimeSpan.Zero;

    /// <summary>Whether it is over. No attempt starts then.</summary>
    public bool IsOver(DateTimeOffset now) => now >= End;

    /// <summary>The time of one attempt: what is left, and no more than the attempt's own limit where another attempt is allowed.</summary>
    public TimeSpan AttemptTimeout(DateTimeOffset now, TimeSpan attempt, bool anotherAllowed)
    {
        var remaining = Remaining(now);
        return anotherAllowed && attempt < remaining ? attempt : remaining;
    }

    /// <summary>The time of a step within the call (connect, initialize, list): what is left, and no more than the step's limit.</summary>
    public TimeSpan StepTimeout(DateTimeOffset now, TimeSpan step) => AttemptTimeout(now, step, anotherAllowed: true);
}
