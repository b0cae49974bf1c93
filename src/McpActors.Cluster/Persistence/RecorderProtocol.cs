using Akka.Actor;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// What an entity says to its recorder and hears from it. The entity serves whatever the journal does; the recorder
/// keeps what is to be stored, writes it when the journal lets it, and tells the outcome. Never leaves the node.
/// </summary>
public static class RecorderProtocol
{
    /// <summary>Any message between an entity and its recorder.</summary>
    public interface IRecorderMessage : INoSerializationVerificationNeeded;

    /// <summary>Store an event, after those sent before it.</summary>
    /// <param name="Id">Chosen by the entity, echoed in the answer.</param>
    /// <param name="Event">A type known to the serializer.</param>
    /// <param name="Confirm">
    /// True: the entity acts only once it is stored, so the answer is <see cref="Recorded"/> or <see cref="RecordFailed"/>, and a failed one is not tried again.
    /// False: the entity has acted already; it is kept and retried until stored, then answered with <see cref="Recorded"/>.
    /// </param>
    /// <param name="CoalesceKey">A later event with the same key replaces this one while it still waits for a journal that is down. Null: never replaced.</param>
    public sealed record Record(long Id, object Event, bool Confirm, string? CoalesceKey = null) : IRecorderMessage;

    /// <summary>Store the entity's state as it is after all events sent so far, so that recovery need not replay them. Events stay.</summary>
    public sealed record SaveSnapshot(object State) : IRecorderMessage;

    /// <summary>Stop once everything is stored, or at the latest after the drain time of <see cref="RecorderSettings"/>. The entity watches the recorder, then stops itself.</summary>
    public sealed record Close : IRecorderMessage
    {
        /// <summary>The one instance.</summary>
        public static Close Instance { get; } = new();
    }

    /// <summary>What the journal held when the recorder first reached it. Sent once; until then the entity may serve without its past.</summary>
    public sealed record Recovered(object? Snapshot, IReadOnlyList<object> Events, long SequenceNr) : IRecorderMessage;

    /// <summary>An event is stored.</summary>
    public sealed record Recorded(long Id, long SequenceNr) : IRecorderMessage;

    /// <summary>A confirmed event is not stored and will not be, unless that is in doubt.</summary>
    public sealed record RecordFailed(long Id, string Reason) : IRecorderMessage
    {
        /// <summary>Its write is still under way: <see cref="Surfaced"/> or <see cref="Sunk"/> follows. What depends on it must wait for that.</summary>
        public bool IsInDoubt { get; init; }
    }

    /// <summary>An event that was answered with <see cref="RecordFailed"/>, because its write timed out, turned out to be stored: it is a fact now.</summary>
    public sealed record Surfaced(object Event, long SequenceNr) : IRecorderMessage;

    /// <summary>An event that was in doubt is not stored and will not be.</summary>
    public sealed record Sunk(long Id) : IRecorderMessage;

    /// <summary>
    /// There was nothing to store for the idle time of <see cref="RecorderSettings"/>, and all up to the last that came is settled: the recorder may be closed without a loss.
    /// Told only to an owner that lets its recorder rest.
    /// </summary>
    /// <param name="LastId">The last event that came; 0 if none did.</param>
    /// <param name="SequenceNr">The number of the last stored event.</param>
    /// <param name="SnapshotNr">The number of the newest snapshot; 0 if there is none.</param>
    public sealed record Idle(long LastId, long SequenceNr, long SnapshotNr) : IRecorderMessage, INotInfluenceReceiveTimeout;

    /// <summary>Somebody else writes under the same persistence id: the entity must stop at once.</summary>
    public sealed record SecondWriterFound(string Reason) : IRecorderMessage;
}
