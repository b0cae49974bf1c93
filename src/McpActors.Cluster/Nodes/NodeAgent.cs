using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace McpActors.Cluster.Nodes;

/// <summary>One per node: knows the members, exchanges cards with them, and tells this node when one is gone.</summary>
internal sealed class NodeAgent : ReceiveActor, IWithTimers
{
    /// <summary>Its name at the top of the actor system; other nodes find it by that.</summary>
    public const string Name = "nodes";

    private const string AskTimer = "ask";

    /// <summary>Between questions to members whose card is not known yet.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(300);

    /// <summary>From a removal to its news here: the shard regions must have heard of it, or what is sent anew goes to the dead node again.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly NodeDirectory _directory;
    private readonly Dictionary<int, Member> _members = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public NodeAgent(NodeDirectory directory)
    {
        _directory = directory;
        Receive<ClusterEvent.MemberRemoved>(gone => OnRemoved(gone.Member, gone.PreviousStatus));
        Receive<ClusterEvent.MemberDowned>(_ => { });
        Receive<ClusterEvent.IMemberEvent>(seen => OnSeen(seen.Member));
        Receive<GetCard>(_ => OnGetCard());
        Receive<NodeCard>(OnCard);
        Receive<AskDue>(_ => AskUnknown());
        Receive<Settled>(settled => Tell(settled.Node));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeDirectory directory) => Akka.Actor.Props.Create(() => new NodeAgent(directory));

    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void OnSeen(Member member)
    {
        if (member.UniqueAddress.Equals(_cluster.SelfUniqueAddress) || !_members.TryAdd(member.UniqueAddress.Uid, member))
            return;
        _directory.Count(_members.Count);
        AskUnknown();
    }

    private void OnRemoved(Member member, MemberStatus before)
    {
        var node = member.UniqueAddress.Uid;
        if (before == MemberStatus.Down)
            _directory.NoteLost();
        if (!_members.Remove(node))
            return;
        _directory.Remove(node);
        Timers.StartSingleTimer(node, new Settled(node), Settling);
    }

    private void Tell(int node)
    {
        _log.Info("Node {Node} is gone; what it carried is given up", node);
        Context.System.EventStream.Publish(new NodeGone(node));
        _directory.TellLoss(node);
        // Only now: who asked in between waits for the loss like everybody else.
        _directory.Count(_members.Count);
    }

    private void AskUnknown()
    {
        foreach (var member in _members.Values)
        {
            if (_directory.Find(member.UniqueAddress.Uid) is not null)
                continue;
            Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name).Tell(new GetCard(), Self);
            Timers.StartSingleTimer(AskTimer, AskDue.Instance, Again);
        }
    }

    private void OnGetCard()
    {
        if (_directory.Own is { } own)
            Sender.Tell(own);
    }

    private void OnCard(NodeCard card)
    {
        if (_members.ContainsKey(card.Node))
            _directory.Add(card);
    }

    private sealed record AskDue : INoSerializationVerificationNeeded
    {
        public static AskDue Instance { get; } = new();
    }

    private sealed record Settled(int Node) : INoSerializationVerificationNeeded;
}
