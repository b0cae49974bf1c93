using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Membership;

/// <summary>
/// Says loudly, on both sides, when two living nodes have the same name. The cluster keeps apart what each node's file was by its name, so a start of either could
/// take the other's configuration for a change of its own. A node that starts again under another address has its old name beside it for a moment, which is nothing.
/// </summary>
internal sealed class NameWatch : ReceiveActor, IWithTimers
{
    private readonly ClusterExtension _cluster = ClusterExtension.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Namesakes _namesakes;
    private readonly TimeSpan _patience;

    public NameWatch(Namesakes namesakes, TimeSpan patience)
    {
        _namesakes = namesakes;
        _patience = patience;
        Receive<ClusterEvent.IClusterDomainEvent>(_ => Look());
        Receive<Due>(_ => OnDue());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Namesakes namesakes, TimeSpan patience) => Akka.Actor.Props.Create(() => new NameWatch(namesakes, patience));

    protected override void PreStart() => _cluster.Subscribe(
        Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Look()
    {
        if (NodeNames.Namesakes(_cluster).Count == 0)
        {
            Timers.Cancel(Due.Instance);
            _namesakes.Text = null;
        }
        else if (_namesakes.Text is null && !Timers.IsTimerActive(Due.Instance))
        {
            Timers.StartSingleTimer(Due.Instance, Due.Instance, _patience);
        }
    }

    private void OnDue()
    {
        var others = NodeNames.Namesakes(_cluster);
        if (others.Count == 0)
            return;
        var (name, where) = (NodeNames.Of(_cluster.SelfMember), string.Join(", ", others.Select(other => other.Address)));
        _namesakes.Text = $"Another node is called '{name}' too: {where}. Give each its own node.name, or their configurations replace one another.";
        _log.Error("Another node is called {Name} too: {Others}. Give each its own node.name, or their configurations replace one another", name, where);
    }

    private sealed record Due : INoSerializationVerificationNeeded
    {
        public static Due Instance { get; } = new();
    }
}

/// <summary>Whether another living node has this one's name.</summary>
public sealed class Namesakes
{
    private volatile string? _text;

    /// <summary>What is the matter, in words; null: nothing.</summary>
    public string? Text
    {
        get => _text;
        internal set => _text = value;
    }
}
