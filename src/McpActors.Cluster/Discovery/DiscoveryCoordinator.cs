using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Discovery;
using static McpActors.Cluster.Persistence.RecorderProtocol;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>
/// The one authority over the catalogue of the cluster. Every change is stored before it is answered and told.
/// <para>Loading → Serving ⇄ Storing (one change at a time; others wait in order).</para>
/// </summary>
internal sealed class DiscoveryCoordinator : ReceiveActor, IWithTimers
{
    private const string LoadTimer = "load";
    private const int MaxWaiting = 1_000;
    private const int SnapshotEvery = 100;

    /// <summary>How long orders wait for the journal at a start before they are refused.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly IActorRef _recorder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<IActorRef> _nodes = [];
    private readonly Queue<(IDiscoveryCommand Command, IActorRef Sender, ReadOnlyMemory<byte>? Content)> _waiting = new();
    private readonly Dictionary<IActorRef, (ApplyFile Offer, ContentCollector Collector)> _collecting = [];
    private DiscoveryState _state = DiscoveryState.Initial;
    private (DiscoveryDecision Decision, IDiscoveryCommand Command, IActorRef Sender)? _storing;
    private long _lastRecord;
    private bool _loaded;
    private bool _patient = true;

    public DiscoveryCoordinator(JournalHealth health, RecorderSettings recorder, TimeProvider time)
    {
        _time = time;
        _recorder = Context.Watch(Context.ActorOf(Recorder.Props("discovery", health, recorder), "recorder"));
        Receive<Recovered>(OnRecovered);
        Receive<LoadDue>(_ => OnLoadDue());
        Receive<IDiscoveryCommand>(command => OnCommand(command));
        Receive<ContentPart>(OnContentPart);
        Receive<Recorded>(OnRecorded);
        Receive<RecordFailed>(OnRecordFailed);
        Receive<Surfaced>(OnSurfaced);
        Receive<SecondWriterFound>(_ => Context.Stop(Self));
        Receive<Stop>(_ => Context.Stop(Self));
        Receive<Terminated>(OnTerminated);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(JournalHealth health, RecorderSettings recorder, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new DiscoveryCoordinator(health, recorder, time));

    protected override void PreStart() => Timers.StartSingleTimer(LoadTimer, LoadDue.Instance, Patience);

    private void OnRecovered(Recovered recovered)
    {
        var begin = recovered.Snapshot as DiscoveryState ?? DiscoveryState.Initial;
        _state = recovered.Events.Cast<IDiscoveryEvent>().Aggregate(begin, (state, next) => state.Evolve(next));
        _loaded = true;
        Timers.Cancel(LoadTimer);
        _log.Info("The catalogue is at revision {Revision} with {Count} run-time entries", _state.Revision, _state.Entries.Count);
        Continue();
    }

    private void OnLoadDue()
    {
        _patient = false;
        Continue();
    }

    private void OnCommand(IDiscoveryCommand command, ReadOnlyMemory<byte>? content = null)
    {
        if (command is Sync && _nodes.Add(Sender))
            Context.Watch(Sender);
        if (_waiting.Count >= MaxWaiting)
            Sender.Tell(Refused.Of(command, "too many changes of the catalogue at once"));
        else
            _waiting.Enqueue((command, Sender, content));
        Continue();
    }

    /// <summary>A node sends what it offers part by part, so that no message is large; the last one makes the offer complete.</summary>
    private void OnContentPart(ContentPart part)
    {
        if (!_collecting.TryGetValue(Sender, out var collecting) || part.Hash != collecting.Offer.Hash)
            return;
        switch (collecting.Collector.Add(part))
        {
            case GetContent next:
                Sender.Tell(next);
                break;
            case null when collecting.Collector.Content is { } content:
                _collecting.Remove(Sender);
                OnCommand(collecting.Offer, content);
                break;
        }
    }

    private void Continue()
    {
        if (!_loaded)
        {
            while (!_patient && _waiting.TryDequeue(out var impatient))
                impatient.Sender.Tell(Refused.Of(impatient.Command, "the journal does not answer; try again"));
            return;
        }

        while (_storing is null && _waiting.TryDequeue(out var next))
        {
            var decision = DiscoveryDecider.Decide(_state, next.Command, _time.GetUtcNow(), next.Content);
            if (next.Command is ApplyFile offer && decision.Reply is [GetContent])
                _collecting[next.Sender] = (offer, new ContentCollector(offer.Hash, offer.Size));
            if (decision.Event is null)
                Answer(decision, next.Sender);
            else
                Store(decision, next);
        }
    }

    private void Store(DiscoveryDecision decision, (IDiscoveryCommand Command, IActorRef Sender, ReadOnlyMemory<byte>? Content) order)
    {
        _storing = (decision, order.Command, order.Sender);
        _recorder.Tell(new Record(++_lastRecord, decision.Event!, Confirm: true));
    }

    private void OnRecorded(Recorded recorded)
    {
        if (recorded.Id != _lastRecord || _storing is not { } stored)
            return;
        _storing = null;
        _state = _state.Evolve(stored.Decision.Event!);
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
        _log.Warning("{Event} was not stored: {Reason}", refused.Decision.Event!.GetType().Name, failed.Reason);
        refused.Sender.Tell(Refused.Of(refused.Command, $"not done, because it cannot be stored: {failed.Reason}"));
        Continue();
    }

    /// <summary>Something we called failed is in the journal after all; it is ours to follow.</summary>
    private void OnSurfaced(Surfaced surfaced)
    {
        var fact = (IDiscoveryEvent)surfaced.Event;
        _state = _state.Evolve(fact);
        Announce(new CatalogueNews(_state.Revision, _state.Hash, (fact as EntryPut)?.Entry, (fact as EntryDropped)?.Server));
    }

    private static void Answer(DiscoveryDecision decision, IActorRef sender)
    {
        foreach (var reply in decision.Reply)
            sender.Tell(reply);
    }

    private void Announce(CatalogueNews? news)
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
        else if (_nodes.Remove(terminated.ActorRef))
            _collecting.Remove(terminated.ActorRef);
    }

    /// <summary>Hand-over to another node. What is being stored is stored or refused by the journal; its answer is lost, which its sender takes for unavailable.</summary>
    internal sealed record Stop : INoSerializationVerificationNeeded
    {
        public static Stop Instance { get; } = new();
    }

    private sealed record LoadDue : INoSerializationVerificationNeeded
    {
        public static LoadDue Instance { get; } = new();
    }
}
