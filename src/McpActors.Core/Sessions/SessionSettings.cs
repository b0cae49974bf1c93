namespace McpActors.Core.Sessions;

/// <summary>Times and bounds of client sessions.</summary>
public sealed record SessionSettings
{
    /// <summary>A session without a request for this time ends. More than 0, default 2 h.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Longest capabilities and client information together, bytes. Default 32 KiB: a session must fit a message between nodes.</summary>
    public int MaxProfileBytes { get; init; } = 32 * 1024;

    /// <summary>Longest list of subscribed addresses together, characters. Default 16 Ki.</summary>
    public int MaxSubscriptionChars { get; init; } = 16 * 1024;

    /// <summary>A node tells a session of its use at most this often: an eighth of the idle time.</summary>
    public TimeSpan TouchEvery => Idle / 8;

    /// <summary>A session notes its use in the journal at most this often: a quarter of the idle time.</summary>
    public TimeSpan RecordTouchEvery => Idle / 4;
}
