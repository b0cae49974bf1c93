using Akka.Actor;
using Akka.Cluster;
using McpActors.Cluster.Discovery;
using McpActors.Core.Configuration;

namespace McpActors.Cluster.Feed;

/// <summary>
/// One per node: takes transitions that are published here into the feed of this node and tells them to the other nodes. What every node sees for itself, members
/// and the catalogue, goes into its own feed alone. A transition that is lost on the way is lost: the feed is a view, the journal is the history.
/// </summary>
internal sealed class FeedRelay : ReceiveActor
{
    /// <summary>Its name at the top of the actor system; the same on every node.</summary>
    public const string Name = "feed";

    private const int MostNamed = 20;

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly TransitionFeed _feed;
    private readonly TimeProvider _time;

    public FeedRelay(TransitionFeed feed, TimeProvider time)
    {
        _feed = feed;
        _time = time;
        Receive<Transition>(OnTransition);
        Receive<TransitionNews>(news => _feed.Add(news.Transition));
        Receive<CatalogueChanged>(OnCatalogue);
        Receive<ClusterEvent.UnreachableMember>(seen => Tell(seen.Member, "unreachable", "is not heard of any more"));
        Receive<ClusterEvent.ReachableMember>(seen => Tell(seen.Member, "reachable", "is heard of again"));
        Receive<ClusterEvent.IMemberEvent>(seen => Tell(seen.Member, Word(seen.Member.Status), $"is {seen.Member.Status}"));
    }

    private string Address => _cluster.SelfAddress.ToString();

    public static Props Props(TransitionFeed feed, TimeProvider time) => Akka.Actor.Props.Create(() => new FeedRelay(feed, time));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(Transition));
        Context.System.EventStream.Subscribe(Self, typeof(CatalogueChanged));
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _cluster.Unsubscribe(Self);
    }

    private void OnTransition(Transition transition)
    {
        _feed.Add(transition);
        foreach (var member in _cluster.State.Members)
        {
            if (!member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
                Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name).Tell(new TransitionNews(transition), ActorRefs.NoSender);
        }
    }

    private void OnCatalogue(CatalogueChanged changed)
    {
        string[] parts = [Part("added", changed.Diff.Added), Part("changed", changed.Diff.Changed), Part("removed", changed.Diff.Removed)];
        var text = string.Join("; ", parts.Where(part => part.Length > 0));
        _feed.Add(new Transition(TransitionKind.Catalogue, "", "catalogueChanged", text, _time.GetUtcNow(), Address));
    }

    private void Tell(Member member, string what, string text) =>
        _feed.Add(new Transition(TransitionKind.Member, member.Address.ToString(), what, $"{member.Address.Host}:{member.Address.Port} {text}", _time.GetUtcNow(), Address));

    private static string Part(string word, IReadOnlyList<ServerModel> servers)
    {
        if (servers.Count == 0)
            return "";
        var names = string.Join(", ", servers.Take(MostNamed).Select(server => server.Id.Value));
        return $"{word} {names}{(servers.Count > MostNamed ? $" and {servers.Count - MostNamed} more" : "")}";
    }

    private static string Word(MemberStatus status) => char.ToLowerInvariant(status.ToString()[0]) + status.ToString()[1..];
}
