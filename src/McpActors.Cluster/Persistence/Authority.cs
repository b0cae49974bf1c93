using Akka.Actor;
using Akka.Event;
using static McpActors.Cluster.Persistence.RecorderProtocol;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// A singleton that alone decides about one thing of the whole cluster. Every change is stored before it is answered and told to the nodes that follow.
/// <para>
/// Loading → Serving ⇄ Storing (one change at a time; others wait in order). While it is in doubt whether a change is stored, no other is decided: it would be decided by a
/// state that may not be the last one.
/// </para>
/// </summary>
/// <typeparam name="TOrder">What it is asked and told to do.</typeparam>
/// <typeparam name="TEvent">What its journal keeps.</typeparam>
/// <typeparam name="TState">The fold of its events, and its snapshot.</typeparam>
internal abstract class Authority<TOrder, TEvent, TState> : ReceiveActor, IWithTimers
    where TEvent : class
    where TState : class
{
    private const string LoadTimer = "load";
    private const int SnapshotEvery = 100;

    /// <summary>How long orders wait for the journal at a start before they are refused.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IActorRef _recorder;
    private readonly HashSet<IActorRef> _nodes = [];
    private readonly Queue<(TOrder Order, IActorRef Sender)> _waiting = new();
    private (TOrder Order, IActorRef Sender, TEvent Change, IReadOnlyList<object> Reply)? _storing;
    private bool _isInDoubt;
    private long _lastRecord;
    private bool _loaded;
    private bool _patient = true;

    /// <param name="journal">The name under which its events are stored.</param>
    /// <param name="initial">Its state before the first event.</param>
    /// <param name="health">Hears how the journal does.</param>
    /// <param name="recorder">How patient its recorder is.</param>
    protected Authority(string journal, TState initial, JournalHealth health, RecorderSettings recorder)
    {
        State = initial;
        _recorder = Context.Watch(Context.ActorOf(Recorder.Props(journal, health, recorder), "recorder"));
        Receive<Recovered>(OnRecovered);
        Receive<LoadDue>(_ => OnLoadDue());
        Receive<Recorded>(OnRecorded);
        Receive<RecordFailed>(OnRecordFailed);
        Receive<Surfaced>(OnSurfaced);
        Receive<Sunk>(_ => OnSunk());
        Receive<SecondWriterFound>(_ => Context.Stop(Self));
        Receive<StopAuthority>(_ => Context.Stop(Self));
        Receive<Terminated>(OnTerminated);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected TState State { get; private set; }

    protected ILoggingAdapter Log { get; } = Context.GetLogger();

    /// <summary>Orders that may wait.</summary>
    protected virtual int MostWaiting => 1_000;

    protected override void PreStart() => Timers.StartSingleTimer(LoadTimer, LoadDue.Instance, Patience);

    /// <summary>Decides by <see cref="State"/>: what must be stored before the reply counts (null: nothing), and the reply.</summary>
    protected abstract (TEvent? Change, IReadOnlyList<object> Reply) Decide(TOrder order, IActorRef sender);

    /// <summary>The reply to an order that is not carried out.</summary>
    protected abstract object Refusal(TOrder order, string reason);

    /// <summary>The state after a change.</summary>
    protected abstract TState Evolve(TState state, TEvent change);

    /// <summary>What the nodes hear of a change that <see cref="State"/> has taken in; null: nothing.</summary>
    protected abstract object? NewsOf(TEvent change);

    /// <summary>The past is known.</summary>
    protected virtual void OnLoaded()
    {
    }

    /// <summary>A change is stored, and part of the state.</summary>
    protected virtual void OnChanged(TEvent change)
    {
    }

    /// <summary>A node that followed is gone.</summary>
    protected virtual void OnLost(IActorRef node)
    {
    }

    /// <summary>Takes an order of the sender: it is decided when those before it are stored.</summary>
    protected void Take(TOrder order)
    {
        if (_waiting.Count >= MostWaiting)
            Sender.Tell(Refusal(order, "too many changes at once; try again"));
        else
            _waiting.Enqueue((order, Sender));
        Continue();
    }

    /// <summary>The sender is a node that is to hear of every change from now on.</summary>
    protected void Follow()
    {
        if (_nodes.Add(Sender))
            Context.Watch(Sender);
    }

    private void OnRecovered(Recovered recovered)
    {
        State = recovered.Events.Cast<TEvent>().Aggregate(recovered.Snapshot as TState ?? State, Evolve);
        _loaded = true;
        Timers.Cancel(LoadTimer);
        OnLoaded();
        Continue();
    }

    private void OnLoadDue()
    {
        _patient = false;
        Continue();
    }

    private void Continue()
    {
        if (!_loaded)
        {
            while (!_patient && _waiting.TryDequeue(out var impatient))
                impatient.Sender.Tell(Refusal(impatient.Order, "the journal does not answer; try again"));
            return;
        }

        while (_storing is null && _waiting.TryDequeue(out var next))
        {
            var (change, reply) = Decide(next.Order, next.Sender);
            if (change is null)
            {
                Answer(reply, next.Sender);
                continue;
            }

            if (_isInDoubt)
            {
                next.Sender.Tell(Refusal(next.Order, "it is in doubt whether the change before is stored, because the journal does not answer; try again"));
                continue;
            }

            _storing = (next.Order, next.Sender, change, reply);
            _recorder.Tell(new Record(++_lastRecord, change, Confirm: true));
        }
    }

    private void OnRecorded(Recorded recorded)
    {
        if (recorded.Id != _lastRecord || _storing is not { } stored)
            return;
        _storing = null;
        Enter(stored.Change);
        Answer(stored.Reply, stored.Sender);
        Announce(stored.Change);
        if (recorded.SequenceNr % SnapshotEvery == 0)
            _recorder.Tell(new SaveSnapshot(State));
        Continue();
    }

    private void OnRecordFailed(RecordFailed failed)
    {
        if (failed.Id != _lastRecord || _storing is not { } refused)
            return;
        _storing = null;
        _isInDoubt = failed.IsInDoubt;
        Log.Warning("{Event} was not stored: {Reason}", refused.Change.GetType().Name, failed.Reason);
        refused.Sender.Tell(Refusal(refused.Order, failed.IsInDoubt
            ? $"whether it is done is not known yet, because its storing has not ended: {failed.Reason}; look before it is ordered again"
            : $"not done, because it cannot be stored: {failed.Reason}"));
        Continue();
    }

    /// <summary>Something we called failed is in the journal after all; it is ours to follow.</summary>
    private void OnSurfaced(Surfaced surfaced)
    {
        _isInDoubt = false;
        var fact = (TEvent)surfaced.Event;
        Enter(fact);
        Announce(fact);
    }

    private void OnSunk() => _isInDoubt = false;

    private void Enter(TEvent change)
    {
        State = Evolve(State, change);
        OnChanged(change);
    }

    private static void Answer(IReadOnlyList<object> replies, IActorRef sender)
    {
        foreach (var reply in replies)
            sender.Tell(reply);
    }

    private void Announce(TEvent change)
    {
        if (NewsOf(change) is not { } news)
            return;
        foreach (var node in _nodes)
            node.Tell(news);
    }

    private void OnTerminated(Terminated terminated)
    {
        if (terminated.ActorRef.Equals(_recorder))
            Context.Stop(Self);
        else if (_nodes.Remove(terminated.ActorRef))
            OnLost(terminated.ActorRef);
    }

    private sealed record LoadDue : INoSerializationVerificationNeeded
    {
        public static LoadDue Instance { get; } = new();
    }
}

/// <summary>Hand-over to another node. What is being stored is stored or refused by the journal; its answer is lost, which its sender takes for unavailable.</summary>
internal sealed record StopAuthority : INoSerializationVerificationNeeded
{
    public static StopAuthority Instance { get; } = new();
}
