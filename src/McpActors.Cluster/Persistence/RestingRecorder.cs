using Akka.Actor;
using static McpActors.Cluster.Persistence.RecorderProtocol;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// The recorder of an entity that seldom has something to store: it is there while the past is read and while events wait, and leaves memory when the entity lets it rest.
/// The next event starts another, which knows what is stored and replays nothing. Part of one actor, which passes on what it hears from it; not thread-safe.
/// </summary>
internal sealed class RestingRecorder(IActorContext context, string persistenceId, JournalHealth health, RecorderSettings settings)
{
    private const string Name = "recorder";

    private readonly List<Record> _held = [];
    private IActorRef? _recorder;
    private long? _storedNr;
    private long _lastId;
    private long _lastStoredId;
    private bool _leaving;
    private bool _closing;

    /// <summary>
    /// Whether there is an event of which it is not known yet that it is stored. The last one tells: events are stored in order, and one that is replaced by a later one, or
    /// given up, is never heard of.
    /// </summary>
    public bool HasUnstored => _lastId != _lastStoredId;

    /// <summary>Whether a recorder runs; its end will be heard of.</summary>
    public bool IsAwake => _recorder is not null;

    /// <summary>Reads the past: <see cref="Recovered"/> comes when it is known.</summary>
    public void Start() => _recorder = context.Watch(context.ActorOf(Recorder.Props(persistenceId, health, settings, _storedNr), Name));

    /// <summary>Stores an event; <see cref="Recorded"/> comes when it is.</summary>
    public void Store(Record record)
    {
        _lastId = record.Id;
        if (_leaving)
        {
            // One that is on its way out hears nobody.
            _held.Add(record);
            return;
        }

        if (_recorder is null)
            Start();
        _recorder!.Tell(record);
    }

    /// <summary>Heard from the recorder.</summary>
    public void OnRecovered(Recovered recovered) => _storedNr = recovered.SequenceNr;

    /// <summary>Heard from the recorder.</summary>
    public void OnRecorded(Recorded recorded)
    {
        _lastStoredId = recorded.Id;
        _storedNr = recorded.SequenceNr;
    }

    /// <summary>Lets it leave memory, if the past is known and everything is stored.</summary>
    public void Rest()
    {
        if (!HasUnstored && _storedNr is not null)
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
        if (!expected || _held.Count == 0)
            return expected;
        Start();
        foreach (var record in _held)
            _recorder!.Tell(record);
        _held.Clear();
        if (_closing)
            Leave();
        return true;
    }

    private void Leave()
    {
        if (_recorder is null || _leaving)
            return;
        _leaving = true;
        _recorder.Tell(RecorderProtocol.Close.Instance);
    }
}
