using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Sessions;
using static McpActors.Cluster.Persistence.RecorderProtocol;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Sessions;

/// <summary>
/// One legacy client's session: the only place that decides about it. Serves while the journal is down.
/// <para>Recovering → Serving (none, open, over) → Stopping. When nobody speaks to it, first its recorder leaves memory, then, if no node uses it, it does; at once when there is no such session.</para>
/// </summary>
internal sealed partial class SessionActor : ReceiveActor, IWithTimers, IWithStash
{
    private const string IdleTimer = "idle", PatienceTimer = "patience";

    private readonly string _name;
    private readonly SessionActorSettings _settings;
    private readonly LocalSessions _local;
    private readonly JournalHealth _health;
    private readonly TimeProvider _time;
    private readonly RestingRecorder _recorder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private SessionState _state = SessionState.None;
    private IActorRef? _opener;
    private long _lastRecordId;
    private long _openRecordId;
    private TimeSpan _patience;

    public SessionActor(string name, SessionActorSettings settings, LocalSessions local, JournalHealth health, TimeProvider time)
    {
        _local = local;
        _name = name;
        _settings = settings;
        _health = health;
        _time = time;
        _recorder = new RestingRecorder(Context, $"session-{name}", health, settings.Recorder);
        Become(Recovering);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    private DateTimeOffset Now => _time.GetUtcNow();

    /// <param name="name">What the session is called in the cluster (<see cref="SessionHandle.NameOf"/>); its id comes with its messages and its past.</param>
    /// <param name="settings">Times.</param>
    /// <param name="local">Hears how it is.</param>
    /// <param name="health">Hears how the journal does.</param>
    /// <param name="time">The clock.</param>
    public static Props Props(string name, SessionActorSettings settings, LocalSessions local, JournalHealth health, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new SessionActor(name, settings, local, health, time));

    protected override void PreStart()
    {
        _recorder.Start();
        Timers.StartSingleTimer(PatienceTimer, PatienceOver.Instance, _settings.RecoveryPatience);
        Context.SetReceiveTimeout(_settings.RecorderRestAfter);
    }

    protected override void PostStop() => _local.Remove(_name);

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
        Receive<GetSession>(get => Sender.Tell(_state.IsOpen ? new SessionFound(_state.Info!) : new SessionUnknown(get.SessionId)));
        Receive<IdleDue>(_ => OnIdleDue());
        Receive<PatienceOver>(_ => AnswerOpener());
        Receive<Recovered>(_recorder.OnRecovered);
        Receive<Recorded>(OnRecorded);
        Receive<Idle>(_recorder.OnIdle);
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
            _recorder.OnTerminated();
            StopWhenStored();
        });
    }

    private void ReceiveEnd()
    {
        Receive<SecondWriterFound>(_ => Context.Stop(Self));
        Receive<ReceiveTimeout>(_ => OnReceiveTimeout());
        Receive<RestingRecorder.Gone>(_ => { });
        Receive<StopSession>(_ => OnStop());
        Receive<Terminated>(_ =>
        {
            if (!_recorder.OnTerminated())
                Context.Stop(Self);
        });
    }

    private void OnRecovered(Recovered recovered)
    {
        _recorder.OnRecovered(recovered);
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
        _recorder.OnRecorded(recorded);
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

    private void OnStop()
    {
        // Its next owner does not know who uses it, and could tell nobody of its end.
        if (_state.IsOpen)
            AskNodes();
        _recorder.Close();
        Become(Stopping);
        StopWhenStored();
    }

    private void StopWhenStored()
    {
        if (_recorder.IsAwake)
            return;
        AnswerOpener();
        Context.Stop(Self);
    }

    private void Apply(SessionDecision decision)
    {
        Enter(decision.State);
        foreach (var @event in decision.Events)
            _recorder.Store(new Record(++_lastRecordId, @event, Confirm: false, @event is SessionTouched ? "touched" : null));
        if (decision.Events.Count > 0 && _quiet is not Quiet.No)
            BeQuiet(Quiet.No, _settings.RecorderRestAfter);
    }

    private void Enter(SessionState state)
    {
        _state = state;
        _local.Note(_name, state);
    }

    private void ScheduleIdle()
    {
        if (!_state.IsOpen)
            return;
        var wait = SessionDecider.IdleEnd(_state, _settings.Session) - Now;
        Timers.StartSingleTimer(IdleTimer, IdleDue.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
    }

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
