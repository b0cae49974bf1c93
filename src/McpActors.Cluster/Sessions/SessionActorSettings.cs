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

    /// <summary>The actor leaves memory after this time without a message; the next one brings it back. Default 10 min.</summary>
    public TimeSpan PassivateAfter { get; init; } = TimeSpan.FromMinutes(10);
}
