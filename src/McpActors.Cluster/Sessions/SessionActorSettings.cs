using McpActors.Cluster.Persistence;
using McpActors.Core.Sessions;

namespace McpActors.Cluster.Sessions;

/// <summary>Times of a session's actor beside those of the session.</summary>
internal sealed record SessionActorSettings
{
    /// <summary>Rules of the session itself.</summary>
    public SessionSettings Session { get; init; } = new();

    /// <summary>How patient its recorder is.</summary>
    public RecorderSettings Recorder { get; init; } = RecorderSettings.Default;

    /// <summary>How long a new session waits for the journal before it is answered unstored. Default 1 s.</summary>
    public TimeSpan OpenPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long questions wait at a start for a journal that is known to fail. Default 2 s.</summary>
    public TimeSpan RecoveryPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long they wait for one that is only slow. Default 10 s.</summary>
    public TimeSpan SlowRecoveryPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The recorder leaves memory after this time without a message, the session stays. Default 15 s.</summary>
    public TimeSpan RecorderRestAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After this time more without a message the nodes that used the session are asked whether they still do. Default 2 min.</summary>
    public TimeSpan RestAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long they have to say so; if none does, the actor leaves memory, and the next message brings it back. Default 10 s.</summary>
    public TimeSpan RestNotice { get; init; } = TimeSpan.FromSeconds(10);
}
