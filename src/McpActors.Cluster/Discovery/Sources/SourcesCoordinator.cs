using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Persistence;
using McpActors.Core.Discovery.Sources;
using static McpActors.Cluster.Persistence.RecorderProtocol;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>
/// The one authority over what sources beside the configuration say, and over approvals. It asks the registries, takes the reports of the nodes' engines, and
/// tells every node each change once it is stored.
/// <para>Loading → Serving ⇄ Storing (one change at a time; others wait in order).</para>
/// </summary>
internal sealed partial class SourcesCoordinator : ReceiveActor, IWithTimers
{
    private const int MaxWaiting = 5_000;
    private const int SnapshotEvery = 100;

    /// <summary>How long orders wait for the journal at a start before they are refused.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SourcesNode _node;
    private readonly IActorRef _recorder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<IActorRef> _nodes = [];
    private readonly Queue<(ISourcesCommand Command, IActorRef Sender)> _waiting = new();
    private SourcesState _state = SourcesState.Initial;
    private (SourcesDecision Decision, IActorRef Sender)? _storing;
    private long _lastRecord;
    private bool _loaded;
    private bool _patient = true;

    public SourcesCoordinator(JournalHealth health, RecorderSettings recorder, SourcesNode node)
    {
        _node = node;
        _recorder = Context.Watch(Context.ActorOf(Recorder.Props("sources", health, recorder), "recorder"));
        Receive<Recovered>(OnRecovered);
        Receive<LoadDue>(_ => OnLoadDue());
        Receive<Note>(note => OnNote(note.Status));
        Receive<GetStatus>(_ => Sender.Tell(new Statuses([.. _statuses.Values.Select(static told => told.Status)])));
        Receive<ISourcesCommand>(OnCommand);
        Receive<ISourcesReply>(_ => { });
        Receive<Recorded>(OnRecorded);
        Receive<RecordFailed>(OnRecordFailed);
        Receive<Surfaced>(OnSurfaced);
        Receive<LookDue>(_ => Look());
        Receive<SecondWriterFound>(_ => Context.Stop(Self));
        Receive<Stop>(_ => Context.Stop(Self));
        Receive<Terminated>(OnTerminated);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(JournalHealth health, RecorderSettings recorder, SourcesNode node) =>
        Akka.Actor.Props.Create(() => new SourcesCoordinator(health, recorder, node));

    protected override void PreStart() => Timers.StartSingleTimer("load", LoadDue.Instance, Patience);

    private void OnRecovered(Recovered recovered)
    {
        var begin = recovered.Snapshot as SourcesState ?? SourcesState.Initial;
        _state = recovered.Events.Cast<ISourcesEvent>().Aggregate(begin, static (state, next) => state.Evolve(next));
        _loaded = true;
        Timers.Cancel("load");
        _log.Info("{Count} sources are known from the journal", _state.Sources.Count);
        Continue();
        BeginLooking();
    }

    private void OnLoadDue()
    {
        _patient = false;
        Continue();
    }

    private void OnCommand(ISourcesCommand command)
    {
        if (command is Sync && _nodes.Add(Sender))
            Context.Watch(Sender);
        if (_waiting.Count >= MaxWaiting)
            Sender.Tell(new Refused("too many changes of the sources at once"));
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
            var decision = SourcesDecider.Decide(_state, next.Command, _node.Time.GetUtcNow());
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
        Take(stored.Decision.Event!);
        Answer(stored.Decision, stored.Sender);
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
    private void OnSurfaced(Surfaced surfaced) => Take((ISourcesEvent)surfaced.Event);

    private void Take(ISourcesEvent change)
    {
        _state = _state.Evolve(change);
        Log(change);
        foreach (var node in _nodes)
            node.Tell(change);
    }

    private void Log(ISourcesEvent change)
    {
        switch (change)
        {
            case SourceChanged changed:
                _log.Info("{Source} has {Put} new or changed servers and {Dropped} fewer", changed.Source, changed.Put.Count, changed.Dropped.Count);
                break;
            case SourceForgotten forgotten:
                _log.Info("{Source} is no source any more; its servers are gone", forgotten.Source);
                break;
            case Judged { Judgement: var judgement }:
                _log.Info("Server {Server} of {Source}, definition {Hash}, was {Verdict} by {Who}: {Why}",
                    judgement.Server.Id, judgement.Source, judgement.Hash, judgement.IsApproved ? "approved" : "rejected", judgement.Who, judgement.Why);
                break;
        }
    }

    private static void Answer(SourcesDecision decision, IActorRef sender)
    {
        foreach (var reply in decision.Reply)
            sender.Tell(reply);
    }

    private void OnTerminated(Terminated terminated)
    {
        if (terminated.ActorRef.Equals(_recorder))
            Context.Stop(Self);
        else
            _nodes.Remove(terminated.ActorRef);
    }

    /// <summary>Hand-over to another node. A question to a registry is given up; the next node asks anew.</summary>
    internal sealed record Stop : INoSerializationVerificationNeeded
    {
        public static Stop Instance { get; } = new();
    }

    private sealed record LoadDue : INoSerializationVerificationNeeded
    {
        public static LoadDue Instance { get; } = new();
    }

    private sealed record LookDue : INoSerializationVerificationNeeded
    {
        public static LookDue Instance { get; } = new();
    }
}
