using Akka.Actor;
using Akka.Event;
using static McpActors.Cluster.Persistence.RecorderProtocol;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// Writes an entity's events behind its back. Child of the entity, which never waits for it.
/// <para>States: Loading → Ready ⇄ Idle (writer stopped) ; any → Outage (back-off) → Loading.</para>
/// <para>
/// A write that failed may have been stored all the same, when only its answer was lost. So after each failure the writer
/// replays, and what it finds beyond the last acknowledged number is compared with what was in flight: equal means stored,
/// different means that a second owner writes.
/// </para>
/// </summary>
internal sealed partial class Recorder : ActorBase, IWithTimers
{
    private const string IdleTimer = "idle", RetryTimer = "retry", DrainTimer = "drain", GivenUpTimer = "given-up";

    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromSeconds(10);

    private readonly string _persistenceId;
    private readonly JournalHealth _health;
    private readonly RecorderSettings _settings;
    private readonly RecorderQueue _queue;
    private readonly bool _rests;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IActorRef _owner = Context.Parent;
    private IActorRef? _writer;
    private bool _ready;
    private bool _recovered;
    private bool _closing;
    private string? _fault;
    private int _failures;
    private int _givenUp;
    private long _acknowledged;
    private long _snapshotNr;
    private long _lastId;
    private bool _resuming;
    private bool _mayResume;

    public Recorder(string persistenceId, JournalHealth health, RecorderSettings settings, bool rests, StoredPast? past)
    {
        _persistenceId = persistenceId;
        _health = health;
        _settings = settings;
        _queue = new RecorderQueue(settings.Capacity);
        _rests = rests;
        if (past is { } known)
            (_recovered, _mayResume, _acknowledged, _snapshotNr) = (true, true, known.SequenceNr, known.SnapshotNr);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="persistenceId">Whose events.</param>
    /// <param name="health">Hears how the journal does.</param>
    /// <param name="settings">Null: the defaults.</param>
    public static Props Props(string persistenceId, JournalHealth health, RecorderSettings? settings = null) =>
        Akka.Actor.Props.Create(() => new Recorder(persistenceId, health, settings ?? RecorderSettings.Default, false, null));

    /// <summary>For an owner that is told when the recorder is <see cref="RecorderProtocol.Idle"/>, then closes it, and starts another when it has something to store.</summary>
    /// <param name="persistenceId">Whose events.</param>
    /// <param name="health">Hears how the journal does.</param>
    /// <param name="settings">How patient it is.</param>
    /// <param name="past">
    /// What is stored, for an owner that knows its past: nothing is replayed, and <see cref="Recovered"/> does not come.
    /// If the journal has another number, somebody else wrote. Null: the past is read.
    /// </param>
    public static Props Resting(string persistenceId, JournalHealth health, RecorderSettings settings, StoredPast? past) =>
        Akka.Actor.Props.Create(() => new Recorder(persistenceId, health, settings, true, past));

    protected override void PreStart() => StartWriter();

    protected override void PostStop()
    {
        if (_queue.Events == 0)
            return;
        _health.Gave(_queue.Events);
        _log.Warning("{Count} events of {PersistenceId} are lost: the journal did not take them before the end", _queue.Events, _persistenceId);
    }

    private void OnRecord(Record record)
    {
        _lastId = record.Id;
        if (record.Confirm && _fault is not null && !_ready)
        {
            _owner.Tell(new RecordFailed(record.Id, _fault));
            return;
        }

        _health.Enqueued(1);
        _health.Dequeued(_queue.Add(record));
        Trim();
        if (record.Confirm)
            Timers.StartSingleTimer(ConfirmKey(record.Id), new ConfirmDue(record.Id), _settings.ConfirmTimeout);
        Flush();
    }

    private void Trim()
    {
        var given = _queue.Trim();
        if (given == 0)
            return;
        _health.Gave(given);
        _givenUp += given;
        if (!Timers.IsTimerActive(GivenUpTimer))
            WarnOfGivenUp();
    }

    // One line for all of some time: there may be as many events as servers.
    private void WarnOfGivenUp()
    {
        if (_givenUp == 0)
            return;
        _log.Warning("The journal takes the events of {PersistenceId} too slowly or not at all, and its queue is full: {Count} are given up", _persistenceId, _givenUp);
        _givenUp = 0;
        Timers.StartSingleTimer(GivenUpTimer, GivenUpDue.Instance, BetweenWarnings);
    }

    private void OnSaveSnapshot(SaveSnapshot message)
    {
        _queue.AddSnapshot(message.State);
        Flush();
    }

    private void OnClose()
    {
        _closing = true;
        Timers.StartSingleTimer(DrainTimer, DrainDue.Instance, _settings.DrainTimeout);
        Flush();
    }

    private void Flush()
    {
        if (_queue.IsEmpty)
        {
            if (_closing)
                Context.Stop(Self);
            else if (_writer is not null)
                Timers.StartSingleTimer(IdleTimer, IdleDue.Instance, _settings.IdleStop);
            return;
        }

        Timers.Cancel(IdleTimer);
        if (_writer is null && !Timers.IsTimerActive(RetryTimer))
            StartWriter();
        if (!_ready || _queue.HasInFlight)
            return;
        while (_queue.TakeSnapshot() is { } state)
            _writer!.Tell(new SaveSnapshot(state));
        if (_queue.Waiting > 0)
            _writer!.Tell(new JournalWriter.Write(_queue.TakeBatch(_settings.Batch)));
        else
            Flush();
    }

    private void StartWriter()
    {
        _ready = false;
        _resuming = _mayResume;
        _mayResume = false;
        _writer = Context.Watch(Context.ActorOf(_resuming
            ? JournalWriter.Resuming(_persistenceId, Self, _snapshotNr)
            : JournalWriter.Props(_persistenceId, Self)));
    }

    private void OnReady(JournalWriter.Ready ready)
    {
        if (_resuming && ready.SequenceNr != _acknowledged)
        {
            // Somebody else wrote meanwhile, and only a replay shows what.
            Context.Stop(_writer);
            return;
        }

        if (!_recovered)
        {
            _recovered = true;
            _owner.Tell(new Recovered(ready.Snapshot, ready.Events, ready.SequenceNr));
        }
        else if (!_resuming && !Reconcile(ready))
        {
            Disown();
            return;
        }

        _acknowledged = ready.SequenceNr;
        _snapshotNr = _resuming ? _snapshotNr : ready.SnapshotNr;
        _ready = true;
        // Reading works again; whether writing does, the next write tells. Only with nothing to write is this the end of the outage.
        if (_queue.IsEmpty)
            Recover();
        Flush();
    }

    /// <summary>Settles what was in flight when the last writer failed. False: what the journal holds is not ours.</summary>
    private bool Reconcile(JournalWriter.Ready ready)
    {
        var beyond = (int)(ready.SequenceNr - _acknowledged);
        // Fewer than were in flight: a commit that came after it was looked for, of what was then sent again with more behind it.
        var flight = _queue.InFlight;
        if (beyond < 0 || beyond > flight.Count || ready.Events.Count < beyond)
            return false;
        var stored = ready.Events.Skip(ready.Events.Count - beyond).ToList();
        for (var i = 0; i < beyond; i++)
        {
            if (!StoredForm.AreEqual(Context.System, stored[i], flight[i].Record!.Event))
                return false;
        }

        Settle(ready.SequenceNr, beyond);
        foreach (var failed in _queue.Return())
            Refuse(failed, _fault ?? "not stored");
        Trim();
        return true;
    }

    private void OnWritten(JournalWriter.Written written)
    {
        _acknowledged = written.SequenceNr;
        Settle(written.SequenceNr, _queue.InFlight.Count);
        Recover();
        Flush();
    }

    private void Settle(long lastNr, int count)
    {
        var settled = _queue.Settle(count);
        _health.Dequeued(settled.Count);
        var number = lastNr - settled.Count;
        foreach (var pending in settled)
        {
            number++;
            var record = pending.Record!;
            if (record.Confirm)
                Timers.Cancel(ConfirmKey(record.Id));
            if (pending.Refused)
                _owner.Tell(new Surfaced(record.Event, number));
            else
                _owner.Tell(new Recorded(record.Id, number));
        }
    }

    private void Recover()
    {
        if (_failures > 0)
            _log.Debug("The journal takes the events of {PersistenceId} again", _persistenceId);
        _fault = null;
        _failures = 0;
        _health.Succeeded();
    }

    private void OnWriterFailed(JournalWriter.WriterFailed failed)
    {
        _ready = false;
        _fault = StoreFault.Describe(failed.Cause);
        _failures++;
        if (_failures == 1)
            _log.Log(_health.MayWarn() ? LogLevel.WarningLevel : LogLevel.DebugLevel, failed.Cause, "The journal does not take the events of {PersistenceId} ({Fault}); serving goes on", _persistenceId, _fault);
        if (!StoreFault.IsUniqueViolation(failed.Cause))
            _health.Failed(_fault);
        foreach (var waiting in _queue.TakeWaitingConfirms())
            Refuse(waiting, _fault);
    }

    private void OnRejected(JournalWriter.Rejected rejected)
    {
        // Nothing of the batch is stored and none of it ever will be: keeping it would block all that follow.
        _ready = false;
        foreach (var pending in _queue.Settle(_queue.InFlight.Count))
        {
            if (pending.Record!.Confirm)
                Refuse(pending, $"cannot be stored: {rejected.Reason}");
            else
                _health.Gave(1);
        }
    }

    private void OnWriterStopped()
    {
        _writer = null;
        _ready = false;
        if (_fault is null && _queue.IsEmpty && _recovered)
        {
            if (_closing)
                Context.Stop(Self);
            return;
        }

        // The first retry comes at once: a lost answer or a second writer is told apart only by reading.
        if (_failures <= 1)
            StartWriter();
        else
            Timers.StartSingleTimer(RetryTimer, Retry.Instance, Backoff());
    }

    private void OnIdle()
    {
        if (!_queue.IsEmpty || _writer is null)
            return;
        // What is stored is known to the last number, so the next event need not wait for a replay.
        _mayResume = _ready && _fault is null;
        if (_rests && _mayResume)
            _owner.Tell(new Idle(_lastId, _acknowledged, _snapshotNr));
        // What comes before it has ended waits for the next writer: this one would never answer.
        _ready = false;
        Context.Stop(_writer);
    }

    private void OnConfirmDue(long id)
    {
        if (_queue.FindConfirm(id) is not { Refused: false } pending)
            return;
        if (_queue.Remove(pending))
            Refuse(pending, _fault ?? "the store did not answer in time");
        else
        {
            pending.Refused = true;
            _owner.Tell(new RecordFailed(id, _fault ?? "the store did not answer in time") { IsInDoubt = true });
        }
    }

    private void Refuse(PendingRecord pending, string reason)
    {
        _health.Dequeued(1);
        Timers.Cancel(ConfirmKey(pending.Record!.Id));
        if (pending.Refused)
            _owner.Tell(new Sunk(pending.Record.Id));
        else
            _owner.Tell(new RecordFailed(pending.Record.Id, reason));
    }

    private void Disown()
    {
        _log.Error("Somebody else writes as {PersistenceId}; this owner stops", _persistenceId);
        _health.FoundSecondWriter();
        _owner.Tell(new SecondWriterFound($"another node writes the history of {_persistenceId}"));
        Context.Stop(Self);
    }

    private TimeSpan Backoff()
    {
        var doubled = _settings.MinBackoff * Math.Pow(2, Math.Min(_failures - 2, 16));
        var bounded = doubled < _settings.MaxBackoff ? doubled : _settings.MaxBackoff;
        // Spread, so that ten thousand recorders do not knock on a journal that just came back all at once.
        return bounded * (0.8 + (0.4 * Random.Shared.NextDouble()));
    }

    private static string ConfirmKey(long id) => $"confirm-{id}";
}
