using Akka.Actor;
using static McpActors.Cluster.Persistence.RecorderProtocol;

namespace McpActors.Cluster.Persistence;

/// <summary>How much of an entity is stored.</summary>
/// <param name="SequenceNr">The number of the last stored event.</param>
/// <param name="SnapshotNr">The number of the newest snapshot; 0 if there is none, or it is not known: then an old one is deleted later.</param>
internal readonly record struct StoredPast(long SequenceNr, long SnapshotNr);

/// <summary>
/// The recorder of an entity that seldom has something to store: it is there while the past is read and while events wait, and leaves memory when it is idle or the entity lets it
/// rest. The next event starts another, which knows what is stored and replays nothing. Part of one actor, which passes on what it hears from it; not thread-safe.
/// </summary>
internal sealed class RestingRecorder(IActorContext context, string persistenceId, JournalHealth health, RecorderSettings settings)
{
    private const string Name = "recorder";

    // What came while one was on its way out; mostly nothing ever, and there are as many as entities.
    private List<IRecorderMessage>? _held;
    private IActorRef? _recorder;
    private StoredPast? _past;
    private long _lastId;
    private long _lastStoredId;
    private bool _leaving;
    private bool _closing;

    /// <summary>
    /// Whether there is an event of which it is not known yet that it is stored. The last one tells: events are stored in order, and one that is replaced by a later one, or
    /// given up, is never heard of. Of an entity that waits for none to be confirmed.
    /// </summary>
    public bool HasUnstored => _lastId != _lastStoredId;

    /// <summary>Whether a recorder runs; its end will be heard of.</summary>
    public bool IsAwake => _recorder is not null;

    /// <summary>Reads the past: <see cref="Recovered"/> comes when it is known.</summary>
    public void Start() => _recorder = context.Watch(context.ActorOf(Recorder.Resting(persistenceId, health, settings, _past), Name));

    /// <summary>Stores an event; the answers are the recorder's.</summary>
    public void Store(Record record)
    {
        _lastId = record.Id;
        Tell(record);
    }

    /// <summary>Stores the state as it is after all events so far.</summary>
    public void Store(SaveSnapshot snapshot) => Tell(snapshot);

    /// <summary>Heard from the recorder.</summary>
    public void OnRecovered(Recovered recovered) => Know(recovered.SequenceNr);

    /// <summary>Heard from the recorder.</summary>
    public void OnRecorded(Recorded recorded)
    {
        _lastStoredId = recorded.Id;
        Know(recorded.SequenceNr);
    }

    /// <summary>Heard from the recorder.</summary>
    public void OnSurfaced(Surfaced surfaced) => Know(surfaced.SequenceNr);

    /// <summary>Heard from the recorder, which leaves, unless something is on its way to it.</summary>
    public void OnIdle(Idle idle)
    {
        if (idle.LastId != _lastId)
            return;
        _past = new StoredPast(idle.SequenceNr, idle.SnapshotNr);
        Leave();
    }

    /// <summary>Lets it leave memory, if the past is known and everything is stored.</summary>
    public void Rest()
    {
        if (!HasUnstored && _past is not null)
            Leave();
    }

    /// <summary>The entity ends: what is not stored yet is stored, as far as the journal lets it. Over when nothing <see cref="IsAwake"/> any more.</summary>
    public void Close()
    {
        _closing = true;
        Leave();
    }

    /// <summary>The recorder's end was heard. False: nobody told it to leave.</summary>
    public bool OnTerminated()
    {
        var expected = _leaving;
        _recorder = null;
        _leaving = false;
        if (expected && _held is { } held)
        {
            _held = null;
            Start();
            foreach (var message in held)
                _recorder!.Tell(message);
        }

        if (_closing)
            Leave();
        else
            context.Self.Tell(Gone.Instance);
        return expected;
    }

    // Counted with what the journal said last, so that a recorder that takes over finds the number that it was told.
    private void Know(long sequenceNr) => _past = new StoredPast(sequenceNr, _past?.SnapshotNr ?? 0);

    private void Tell(IRecorderMessage message)
    {
        if (_leaving)
        {
            // One that is on its way out hears nobody.
            (_held ??= []).Add(message);
            return;
        }

        if (_recorder is null)
            Start();
        _recorder!.Tell(message);
    }

    private void Leave()
    {
        if (_recorder is null || _leaving)
            return;
        _leaving = true;
        _recorder.Tell(RecorderProtocol.Close.Instance);
    }

    /// <summary>
    /// Takes the place of what the entity heard last: that was the end of its recorder, which is held as long as the message is, 1 KB for each idle entity. Nothing is to be done.
    /// </summary>
    internal sealed record Gone : INotInfluenceReceiveTimeout, INoSerializationVerificationNeeded
    {
        public static Gone Instance { get; } = new();
    }
}
