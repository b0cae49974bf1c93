using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// The persistent half of a <see cref="Recorder"/>: replays, then writes batch by batch. It stops with the first failure, as
/// every persistent actor does; the recorder outlives it and starts another.
/// </summary>
internal sealed class JournalWriter : UntypedPersistentActor
{
    private readonly IActorRef _recorder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<object> _replayed = [];
    private object? _snapshot;
    private long _snapshotNr;
    private bool _failed;

    public JournalWriter(string persistenceId, IActorRef recorder, long? snapshotNr)
    {
        PersistenceId = persistenceId;
        _recorder = recorder;
        _snapshotNr = snapshotNr ?? 0;
        Recovery = snapshotNr is null ? Recovery.Default : Recovery.None;
    }

    public override string PersistenceId { get; }

    public override Recovery Recovery { get; }

    /// <summary>A writer that replays everything first.</summary>
    public static Props Props(string persistenceId, IActorRef recorder) =>
        Akka.Actor.Props.Create(() => new JournalWriter(persistenceId, recorder, null));

    /// <summary>A writer for a recorder that knows what is stored: it asks for the highest number only, and replays nothing.</summary>
    /// <param name="persistenceId">The entity.</param>
    /// <param name="recorder">Its recorder.</param>
    /// <param name="snapshotNr">The number of the newest snapshot.</param>
    public static Props Resuming(string persistenceId, IActorRef recorder, long snapshotNr) =>
        Akka.Actor.Props.Create(() => new JournalWriter(persistenceId, recorder, snapshotNr));

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer offer:
                _snapshot = offer.Snapshot;
                _snapshotNr = offer.Metadata.SequenceNr;
                break;
            case RecoveryCompleted:
                _recorder.Tell(new Ready(_snapshot, _snapshotNr, [.. _replayed], LastSequenceNr));
                _replayed.Clear();
                _snapshot = null;
                break;
            default:
                _replayed.Add(message);
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Write write:
                WriteBatch(write);
                break;
            case RecorderProtocol.SaveSnapshot snapshot:
                SaveSnapshot(snapshot.State);
                break;
            case SaveSnapshotFailure failure:
                _log.Warning(failure.Cause, "The snapshot of {PersistenceId} at {SequenceNr} was not stored; recovery replays more events",
                    PersistenceId, failure.Metadata.SequenceNr);
                break;
            case SaveSnapshotSuccess saved:
                // Two are kept, in case the newest cannot be read.
                _recorder.Tell(new Snapped(saved.Metadata.SequenceNr));
                DeleteOlderSnapshots(saved.Metadata.SequenceNr);
                break;
            case DeleteSnapshotsFailure failure:
                _log.Warning(failure.Cause, "Old snapshots of {PersistenceId} could not be deleted", PersistenceId);
                break;
            case DeleteSnapshotsSuccess:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => Fail(cause, recovering: false);

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => Fail(reason, recovering: true);

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        // The journal is well, this event can never be stored: a missing serializer. That is a defect, so it is loud.
        _log.Error(cause, "{Event} of {PersistenceId} was rejected by the journal", @event.GetType().Name, PersistenceId);
        _recorder.Tell(new Rejected(cause.Message));
        Context.Stop(Self);
    }

    private void WriteBatch(Write write)
    {
        var left = write.Events.Count;
        PersistAll(write.Events, _ =>
        {
            if (--left == 0)
                _recorder.Tell(new Written(LastSequenceNr));
        });
    }

    private void DeleteOlderSnapshots(long newest)
    {
        if (_snapshotNr > 0 && _snapshotNr < newest)
            DeleteSnapshots(new SnapshotSelectionCriteria(_snapshotNr - 1));
        _snapshotNr = newest;
    }

    private void Fail(Exception cause, bool recovering)
    {
        if (_failed)
            return;
        _failed = true;
        _recorder.Tell(new WriterFailed(cause, recovering));
    }

    /// <summary>Replay is over; batches may come.</summary>
    internal sealed record Ready(object? Snapshot, long SnapshotNr, IReadOnlyList<object> Events, long SequenceNr) : INoSerializationVerificationNeeded;

    /// <summary>Store these, all or none.</summary>
    internal sealed record Write(IReadOnlyList<object> Events) : INoSerializationVerificationNeeded;

    /// <summary>The batch is stored.</summary>
    internal sealed record Written(long SequenceNr) : INoSerializationVerificationNeeded;

    /// <summary>The state is stored as it was after the event of that number.</summary>
    internal sealed record Snapped(long SequenceNr) : INoSerializationVerificationNeeded;

    /// <summary>The batch holds something that cannot be serialized.</summary>
    internal sealed record Rejected(string Reason) : INoSerializationVerificationNeeded;

    /// <summary>The journal failed; the writer stops by itself.</summary>
    internal sealed record WriterFailed(Exception Cause, bool Recovering) : INoSerializationVerificationNeeded;
}
