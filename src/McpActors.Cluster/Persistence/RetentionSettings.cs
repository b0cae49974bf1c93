namespace McpActors.Cluster.Persistence;

/// <summary>What old history is, and how gently it is deleted.</summary>
internal sealed record RetentionSettings
{
    /// <summary>History younger than this stays. Default 30 d.</summary>
    public TimeSpan History { get; init; } = TimeSpan.FromDays(30);

    /// <summary>A session without a request for this time has ended, whether or not anybody noted it. Default 2 h.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(2);

    /// <summary>The events of an ended session stay this long, in case one more is on its way. Default 1 h.</summary>
    public TimeSpan EndedSession { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// What is added to twice the idle time before a session counts as ended unnoted, so that a journal that could not be written for a while ends none. Default 1 d.
    /// </summary>
    public TimeSpan SessionSlack { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Rows deleted, or entities looked at, in one go. Default 500.</summary>
    public int Batch { get; init; } = 500;

    /// <summary>Rest between two batches. Default 100 ms.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two runs in the whole cluster. Default 1 h.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(1);
}
