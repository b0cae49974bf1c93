namespace McpActors.Cluster.Persistence;

/// <summary>How patient a recorder is with its journal.</summary>
public sealed record RecorderSettings
{
    /// <summary>The defaults.</summary>
    public static RecorderSettings Default { get; } = new();

    /// <summary>Events kept while the journal is down; beyond it the oldest unconfirmed one is given up. 1 and more, default 1,000.</summary>
    public int Capacity { get; init; } = 1_000;

    /// <summary>Events stored in one write at most. 1 and more, default 100.</summary>
    public int Batch { get; init; } = 100;

    /// <summary>The persistent half is stopped after this time without an event, to save its memory. Default 30 s.</summary>
    public TimeSpan IdleStop { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A confirmed event is refused when it is not stored in this time. More than the store's own busy timeout. Default 10 s.</summary>
    public TimeSpan ConfirmTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wait before the first new attempt after a failure; doubles. Default 500 ms.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait between attempts. Default 2 s: a store that is back is used within 5 s, the wait of the plugin's breaker included.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a closing recorder tries to store what it still holds. Default 6 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(6);
}
