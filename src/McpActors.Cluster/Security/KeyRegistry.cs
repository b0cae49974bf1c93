using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Security.Keys;
using static McpActors.Cluster.Persistence.RecorderProtocol;
using static McpActors.Core.Security.Keys.KeyProtocol;

namespace McpActors.Cluster.Security;

/// <summary>
/// The one authority over the cluster's API keys. Every change is stored before it is answered and told.
/// <para>Loading → Serving ⇄ Storing (one change at a time; others wait in order).</para>
/// </summary>
internal sealed class KeyRegistry : ReceiveActor, IWithTimers
{
    private const int MaxWaiting = 1_000;
    private const int SnapshotEvery = 100;

    /// <summary>How long orders wait for the journal at a start before they are refused.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly IActorRef _recorder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<IActorRef> _nodes = [];
    private readonly Queue<(IKeyCommand Command, IActorRef Sender)> _waiting = new();
    private KeyState _state = KeyState.Initial;
    private (KeyDecision Decision, IActorRef Sender)? _storing;
    private long _lastRecord;
    private bool _loaded;
    private bool _patient = true;

    public KeyRegistry(JournalHealth health, RecorderSettings recorder, TimeProvider time)
    {
        _time = time;
        _recorder = Context.Watch(Context.ActorOf(Recorder.Props("keys", health, recorder), "recorder"));
        Receive<Recovered>(OnRecovered);
        Receive<LoadDue>(_ => OnLoadDue());
        Receive<IKeyCommand>(OnCommand);
        Receive<Recorded>(OnRecorded);
        Receive<RecordFailed>(OnRecordFailed);
        Receive<Surfaced>(OnSurfaced);
        Receive<SecondWriterFound>(_ => Context.Stop(Self));
        Receive<Stop>(_ => Context.Stop(Self));
        Receive<Terminated>(OnTerminated);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(JournalHealth health, RecorderSettings recorder, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new KeyRegistry(health, recorder, time));

    protected override void PreStart() => Timers.StartSingleTimer("load", LoadDue.Instance, Patience);

    private void OnRecovered(Recovered recovered)
    {
        var begin = recovered.Snapshot as KeyState ?? KeyState.Initial;
        _state = recovered.Events.Cast<IKeyEvent>().Aggregate(begin, (state, next) => state.Evolve(next));
        _loaded = true;
        Timers.Cancel("load");
        Continue();
    }

    private void OnLoadDue()
    {
        _patient = false;
        Continue();
    }

    private void OnCommand(IKeyCommand command)
    {
        if (command is Sync && _nodes.Add(Sender))
            Context.Watch(Sender);
        if (_waiting.Count >= MaxWaiting)
            Sender.Tell(new Refused("too many changes of the keys at once"));
        else
            _waiting.Enqueue((command, Sender));
        Continue();
    }

    private void Continue()
    {
        if (!_loaded)
        {
            while (!_patient && _waiting.TryDequeue(out var impatient))
                impatient.Sender.Tell(new Refused("the journal does not answer; try again"));
            return;
        }

        while (_storing is null && _waiting.TryDequeue(out var next))
        {
            var decision = KeyDecider.Decide(_state, next.Command, _time.GetUtcNow());
            if (decision.Event is null)
            {
                Answer(decision, next.Sender);
                continue;
            }

            _storing = (decision, next.Sender);
            _recorder.Tell(new Record(++_lastRecord, decision.Event, Confirm: true));
        }
    }

    private void OnRecorded(Recorded recorded)
    {
        if (recorded.Id != _lastRecord || _storing is not { } stored)
            return;
        _storing = null;
        _state = _state.Evolve(stored.Decision.Event!);
        Log(stored.Decision.Event!);
        Answer(stored.Decision, stored.Sender);
        Announce(stored.Decision.News);
        if (recorded.SequenceNr % SnapshotEvery == 0)
            _recorder.Tell(new SaveSnapshot(_state));
        Continue();
    }

    private void OnRecordFailed(RecordFailed failed)
    {
        if (failed.Id != _lastRecord || _storing is not { } refused)
            return;
        _storing = null;
        refused.Sender.Tell(new Refused($"not done, because it cannot be stored: {failed.Reason}"));
        Continue();
    }

    /// <summary>Something we called failed is in the journal after all; it is ours to follow.</summary>
    private void OnSurfaced(Surfaced surfaced)
    {
        var fact = (IKeyEvent)surfaced.Event;
        _state = _state.Evolve(fact);
        Announce(new KeyNews(_state.Revision, (fact as KeyCreated)?.Key, (fact as KeyRevoked)?.Id));
    }

    private void Log(IKeyEvent change)
    {
        if (change is KeyCreated { Key: var key })
            _log.Info("Key {Id} ({Name}) with {Scopes} was created by {Who}", key.Id, key.Name, key.Scopes, key.CreatedBy);
        else if (change is KeyRevoked revoked)
            _log.Info("Key {Id} was revoked by {Who}", revoked.Id, revoked.Who);
    }

    private static void Answer(KeyDecision decision, IActorRef sender)
    {
        foreach (var reply in decision.Reply)
            sender.Tell(reply);
    }

    private void Announce(KeyNews? news)
    {
        if (news is null)
            return;
        foreach (var node in _nodes)
            node.Tell(news);
    }

    private void OnTerminated(Terminated terminated)
    {
        if (terminated.ActorRef.Equals(_recorder))
            Context.Stop(Self);
        else
            _nodes.Remove(terminated.ActorRef);
    }

    /// <summary>Hand-over to another node.</summary>
    internal sealed record Stop : INoSerializationVerificationNeeded
    {
        public static Stop Instance { get; } = new();
    }

    private sealed record LoadDue : INoSerializationVerificationNeeded
    {
        public static LoadDue Instance { get; } = new();
    }
}
