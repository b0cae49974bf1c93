using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>
/// Keeps this node's catalogue in step with the coordinator: asks at the start and every now and then, follows the news, asks again when it missed one; offers
/// the node's file, and puts the cluster's revision in force. The only writer of the <see cref="CatalogueHolder"/>, so changes come in order.
/// </summary>
internal sealed partial class CatalogueAgent : ReceiveActor, IWithTimers
{
    private const string SyncTimer = "sync";

    /// <summary>Between questions while the coordinator has not answered.</summary>
    private static readonly TimeSpan Eagerly = TimeSpan.FromSeconds(1);

    /// <summary>Between questions afterwards: finds a coordinator that moved.</summary>
    private static readonly TimeSpan Calmly = TimeSpan.FromSeconds(15);

    private readonly IActorRef _coordinator;
    private readonly CatalogueHolder _holder;
    private readonly CatalogueEvents _events;
    private readonly NodeSettings _node;
    private readonly IRevisionReader _reader;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<OverlayEntry> _pages = [];
    private bool _inStep;

    public CatalogueAgent(IActorRef coordinator, CatalogueHolder holder, CatalogueEvents events, NodeSettings node, IRevisionReader reader)
    {
        _coordinator = coordinator;
        _holder = holder;
        _events = events;
        _node = node;
        _reader = reader;
        Receive<Ask>(_ => AskCoordinator());
        Receive<TakeNews>(take =>
        {
            OnNews(take.News);
            Sender.Tell(new Taken());
        });
        Receive<TakeSources>(take =>
        {
            Publish(_holder.Take(take.State));
            Sender.Tell(new SourcesTaken(take.State.Revision));
        });
        Receive<InStep>(_ => Settle());
        Receive<CataloguePage>(OnPage);
        Receive<CatalogueNews>(OnNews);
        Receive<ShardsDiffer>(OnShardsDiffer);
        Receive<GetNodeRevision>(_ => Sender.Tell(_holder.Revision));
        ReceiveOffers();
        ReceiveRevisions();
        Receive<Refused>(refused => _log.Debug("The coordinator cannot tell the catalogue: {Reason}", refused.Reason));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef coordinator, CatalogueHolder holder, CatalogueEvents events, NodeSettings node, IRevisionReader reader) =>
        Akka.Actor.Props.Create(() => new CatalogueAgent(coordinator, holder, events, node, reader));

    protected override void PreStart()
    {
        _offer = OfferOf(_holder.Own, ordered: false);
        AskCoordinator();
    }

    private void AskCoordinator()
    {
        // A node that has nothing yet asks as revision -1, because 0 is a revision too.
        _coordinator.Tell(new Sync(_holder.Agreement?.Revision ?? -1, _node.Shards), Self);
        Timers.StartSingleTimer(SyncTimer, Ask.Instance, _inStep ? Calmly : Eagerly);
    }

    private void OnPage(CataloguePage page)
    {
        if (page.First)
            _pages.Clear();
        _pages.AddRange(page.Entries);
        if (!page.Last)
            return;
        Publish(_holder.Take(new CatalogueAgreement(page.Revision, page.Hash), _pages));
        foreach (var fault in _holder.Faults)
            _log.Warning("The run-time entry of server {Server} cannot be read here and is left out: {Faults}", fault.Server, string.Join("; ", fault.Faults));
        _pages.Clear();
        Settle();
    }

    private void OnNews(CatalogueNews news)
    {
        if (_holder.Take(news) is { } changed)
            Publish(changed);
        else
            AskCoordinator();
        Follow();
    }

    private void Settle()
    {
        _inStep = true;
        Timers.StartSingleTimer(SyncTimer, Ask.Instance, Calmly);
        SendOffer();
        Follow();
    }

    private void OnShardsDiffer(ShardsDiffer differ)
    {
        _log.Error("cluster.shards is {Shards} here, but this cluster was made with {Expected}, which cannot change: set cluster.shards to {Expected}. This node leaves.",
            _node.Shards, differ.Expected, differ.Expected);
        Timers.Cancel(SyncTimer);
        CoordinatedShutdown.Get(Context.System).Run(ConfigurationRefused.Instance);
    }

    private CatalogueChanged Publish(CatalogueChanged changed)
    {
        if (changed.Diff.IsEmpty)
            return changed;
        Context.System.EventStream.Publish(changed);
        _events.Raise(changed, _log);
        return changed;
    }

    /// <summary>From the façade: this was stored just now. Answer: <see cref="Taken"/>.</summary>
    internal sealed record TakeNews(CatalogueNews News) : INoSerializationVerificationNeeded;

    /// <summary>From the agent of the sources: lay this under the configuration. Answer: <see cref="SourcesTaken"/>.</summary>
    internal sealed record TakeSources(SourcesState State) : INoSerializationVerificationNeeded;

    /// <summary>This revision of the sources is in force here.</summary>
    internal sealed record SourcesTaken(long Revision) : INoSerializationVerificationNeeded;

    /// <summary>The change is in force here.</summary>
    internal sealed record Taken : INoSerializationVerificationNeeded;

    private sealed record Ask : INoSerializationVerificationNeeded
    {
        public static Ask Instance { get; } = new();
    }
}

/// <summary>Who hears of changes in this node without being an actor.</summary>
internal sealed class CatalogueEvents
{
    public event Action<CatalogueChanged>? Changed;

    /// <summary>Completes when the coordinator's catalogue is in force here for the first time, or what kept it from that is known.</summary>
    public TaskCompletionSource InStep { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Raised when it changed how this node stands to the cluster's revision, in the agent's thread: a handler only notes it.</summary>
    public event Action<NodeRevision>? Stood;

    public void Raise(NodeRevision here) => Stood?.Invoke(here);

    public void Raise(CatalogueChanged changed, ILoggingAdapter log)
    {
        foreach (var handler in Changed?.GetInvocationList() ?? [])
        {
            try
            {
                ((Action<CatalogueChanged>)handler)(changed);
            }
            catch (Exception fault)
            {
                // One listener's defect must not keep the others, or the catalogue itself, from the change.
                log.Error(fault, "A listener failed on a change of the catalogue");
            }
        }
    }
}
