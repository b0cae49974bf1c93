using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Sessions;
using static McpActors.Cluster.Persistence.RecorderProtocol;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Sessions;

/// <summary>
/// One legacy client's session: the only place that decides about it. Serves while the journal is down.
/// <para>Recovering → Serving (none, open, over) → Stopping. Passivates when nobody spoke to it for a while, and at once when there is no such session.</para>
/// </summary>
internal sealed class SessionActor : ReceiveActor, IWithTimers, IWithStash
{
    private const string IdleTimer = "idle", PatienceTimer = "patience";
    private const int MaxWatchers = 64;

    private readonly string _id;
    private readonly SessionActorSettings _settings;
    private readonly LocalSessions _local;
    private readonly JournalHealth _health;
    private readonly TimeProvider _time;
    private readonly IActorRef _recorder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<IActorRef> _watchers = [];
    private SessionState _state = SessionState.None;
    private IActorRef? _opener;
    private long _lastRecordId;
    private long _openRecordId;
    private int _unstored;
    private TimeSpan _patience;

    public SessionActor(string id, SessionActorSettings settings, LocalSessions local, JournalHealth health, TimeProvider time)
    {
        _local = local;
        _id = id;
        _settings = settings;
        _health = health;
        _time = time;
        _recorder = Context.Watch(Context.ActorOf(Recorder.Props($"session-{id}", health, settings.Recorder), "recorder"));
        Become(Recovering);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    private DateTimeOffset Now => _time.GetUtcNow();

    public static Props Props(string id, SessionActorSettings settings, LocalSessions local, JournalHealth health, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new SessionActor(id, settings, local, health, time));

    protected override void PreStart()
    {
        Timers.StartSingleTimer(PatienceTimer, PatienceOver.Instance, _settings.RecoveryPatience);
        Context.SetReceiveTimeout(_settings.PassivateAfter);
    }

    protected override void PostStop() => _local.Remove(_id);

    private void Recovering()
    {
        Receive<Recovered>(OnRecovered);
        Receive<PatienceOver>(_ => OnNotRecovered());
        // A new session has no past to wait for.
        Receive<Open>(OnOpenUnrecovered);
        Receive<IWithSessionId>(_ => Stash.Stash());
        ReceiveEnd();
    }

    /// <summary>The journal does not answer, so whether there is such a session is not known. It must not be called unknown: the client would throw it away.</summary>
    private void Unavailable()
    {
        Stash.UnstashAll();
        Receive<Recovered>(OnRecovered);
        Receive<Open>(OnOpenUnrecovered);
        Receive<Touch>(touch => Watch(Sender));
        Receive<IWithSessionId>(message => Sender.Tell(new SessionUnavailable(message.SessionId, "the journal does not answer; try again")));
        ReceiveEnd();
    }

    private void Serving()
    {
        Stash.UnstashAll();
        Receive<Open>(OnOpen);
        Receive<Touch>(OnTouch);
        Receive<ISessionCommand>(OnCommand);
        Receive<GetSession>(_ => Sender.Tell(_state.IsOpen ? new SessionFound(_state.Info!) : new SessionUnknown(_id)));
        Receive<IdleDue>(_ => OnIdleDue());
        Receive<PatienceOver>(_ => AnswerOpener());
        Receive<Recovered>(_ => { });
        Receive<Recorded>(OnRecorded);
        ReceiveEnd();
    }

    /// <summary>
    /// A session that is opened just when its actor was told to leave, because it found no past, is stored, and its opener hears of it: the next message finds it.
    /// </summary>
    private void Stopping()
    {
        Receive<Recorded>(OnRecorded);
        Receive<PatienceOver>(_ => AnswerOpener());
        Receive<Terminated>(_ =>
        {
            AnswerOpener();
            Context.Stop(Self);
        });
    }

    private void ReceiveEnd()
    {
        Receive<SecondWriterFound>(_ => Context.Stop(Self));
        Receive<ReceiveTimeout>(_ => OnReceiveTimeout());
        Receive<StopSession>(_ => OnStop());
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    private void OnRecovered(Recovered recovered)
    {
        Enter(SessionDecider.Recover(recovered.Events.Cast<ISessionEvent>(), _settings.Session));
        Timers.Cancel(PatienceTimer);
        Become(Serving);
        OnIdleDue();
        if (!_state.IsOpen)
            Passivate();
    }

    // As server actors do: a journal that is only slow is waited for, one that fails is not.
    private void OnNotRecovered()
    {
        _patience += _settings.RecoveryPatience;
        if (_health.State is JournalState.Ok && _patience < _settings.SlowRecoveryPatience)
            Timers.StartSingleTimer(PatienceTimer, PatienceOver.Instance, _settings.RecoveryPatience);
        else
            Become(Unavailable);
    }

    private void OnOpenUnrecovered(Open open)
    {
        Timers.Cancel(PatienceTimer);
        Become(Serving);
        OnOpen(open);
    }

    private void OnOpen(Open open)
    {
        var decision = SessionDecider.Decide(_state, open, Now, _settings.Session);
        Apply(decision);
        if (decision.Events.Count == 0)
        {
            Sender.Tell(decision.Reply);
            return;
        }

        _openRecordId = _lastRecordId;
        _opener = Sender;
        Timers.StartSingleTimer(PatienceTimer, PatienceOver.Instance, _settings.OpenPatience);
        ScheduleIdle();
    }

    private void OnTouch(Touch touch)
    {
        var decision = SessionDecider.Decide(_state, touch, Now, _settings.Session);
        if (decision.Reply is not null)
            Sender.Tell(decision.Reply);
        else
            Watch(Sender);
        Apply(decision);
    }

    private void OnCommand(ISessionCommand command)
    {
        var decision = SessionDecider.Decide(_state, command, Now, _settings.Session);
        Apply(decision);
        if (decision.Reply is not null)
            Sender.Tell(decision.Reply);
        if (decision.Events.Count > 0)
            Announce(except: Sender);
    }

    private void OnIdleDue()
    {
        if (SessionDecider.DecideIdle(_state, Now, _settings.Session) is { } decision)
        {
            _log.Debug("Session ended: idle since {LastUse}", _state.LastUse);
            Apply(decision);
            Announce(except: ActorRefs.Nobody);
            Passivate();
            return;
        }

        ScheduleIdle();
    }

    private void OnRecorded(Recorded recorded)
    {
        _unstored--;
        if (recorded.Id != _openRecordId)
            return;
        Enter(_state.Stored());
        if (_opener is null)
            Announce(except: ActorRefs.Nobody);
        else
            AnswerOpener();
    }

    private void AnswerOpener()
    {
        Timers.Cancel(PatienceTimer);
        if (_state.Info is { } info)
            _opener?.Tell(new SessionFound(info));
        _opener = null;
    }

    private void OnReceiveTimeout()
    {
        // A session that the journal has not taken lives only here.
        if (_unstored == 0)
            Passivate();
    }

    private void OnStop()
    {
        // What is not stored yet is stored first, as far as the journal lets it.
        _recorder.Tell(RecorderProtocol.Close.Instance);
        Become(Stopping);
    }

    private void Apply(SessionDecision decision)
    {
        Enter(decision.State);
        foreach (var @event in decision.Events)
        {
            _unstored++;
            _recorder.Tell(new Record(++_lastRecordId, @event, Confirm: false, @event is SessionTouched ? "touched" : null));
        }
    }

    private void Enter(SessionState state)
    {
        _state = state;
        _local.Note(_id, state);
    }

    /// <summary>Tells the nodes that use the session how it is now.</summary>
    private void Announce(IActorRef except)
    {
        ISessionReply? news = _state.End is { } end ? new SessionEnded(_id, end) : _state.Info is { } info ? new SessionFound(info) : null;
        foreach (var watcher in _watchers.Where(watcher => news is not null && !watcher.Equals(except)))
            watcher.Tell(news);
        if (_state.End is not null)
            _watchers.Clear();
    }

    private void Watch(IActorRef node)
    {
        if (_watchers.Count < MaxWatchers)
            _watchers.Add(node);
    }

    private void ScheduleIdle()
    {
        if (!_state.IsOpen)
            return;
        var wait = SessionDecider.IdleEnd(_state, _settings.Session) - Now;
        Timers.StartSingleTimer(IdleTimer, IdleDue.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
    }

    private static void Passivate() => Context.Parent.Tell(new Passivate(StopSession.Instance));

    /// <summary>Passivation and hand-off: store, then stop.</summary>
    internal sealed record StopSession : INoSerializationVerificationNeeded
    {
        public static StopSession Instance { get; } = new();
    }

    private sealed record IdleDue : INotInfluenceReceiveTimeout, INoSerializationVerificationNeeded
    {
        public static IdleDue Instance { get; } = new();
    }

    private sealed record PatienceOver : INotInfluenceReceiveTimeout, INoSerializationVerificationNeeded
    {
        public static PatienceOver Instance { get; } = new();
    }
}
