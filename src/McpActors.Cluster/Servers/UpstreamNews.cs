using Akka.Actor;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Sessions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Cluster.Servers;

/// <summary>A notification of an upstream outside any call. Published on the event stream of the node that holds the connection.</summary>
/// <param name="Server">The server.</param>
/// <param name="Slot">Whose upstream session it came over.</param>
/// <param name="Message">The message as the upstream wrote it; not changed afterwards.</param>
/// <param name="Notice">What it makes stale; null for any other notification.</param>
public sealed record UpstreamNews(ServerId Server, SlotKey Slot, ReadOnlyMemory<byte> Message, UpstreamNotice? Notice);

/// <summary>The same on its way to another node.</summary>
internal sealed record NewsForNodes(ServerId Server, SlotKey Slot, ReadOnlyMemory<byte> Message);

/// <summary>
/// Takes upstreams' notifications to the streams of this node's clients, and to the other nodes for theirs. A client's own upstream session speaks to that client alone; over a shared one only
/// changes are for everybody, because log messages and the like belong to whoever caused them.
/// </summary>
internal sealed class NewsDelivery : ReceiveActor
{
    /// <summary>Its name at the top of the actor system; the same on every node.</summary>
    public const string Name = "upstream-news";

    /// <summary>The route of clients that see all servers as one.</summary>
    private const string AllServers = "*";

    public NewsDelivery(SessionStreams streams)
    {
        var cluster = Akka.Cluster.Cluster.Get(Context.System);
        Receive<UpstreamNews>(news =>
        {
            if (!Deliver(news, streams))
                Forward(news, cluster);
        });
        Receive<NewsForNodes>(news => Deliver(new UpstreamNews(news.Server, news.Slot, news.Message, UpstreamNotice.Read(news.Message)), streams));
        Context.System.EventStream.Subscribe(Self, typeof(UpstreamNews));
    }

    public static Props Props(SessionStreams streams) => Akka.Actor.Props.Create(() => new NewsDelivery(streams));

    // A client listens at one node: what is for it alone and was delivered need not go further.
    private static bool Deliver(UpstreamNews news, SessionStreams streams)
    {
        if (news.Slot.IsSession)
        {
            return streams.Publish(news.Slot.Value[2..], news.Message);
        }

        if (news.Notice is not null)
        {
            streams.PublishToRoute(news.Server.Value, news.Message);
            if (news.Notice.List is not null)
            {
                streams.PublishToRoute(AllServers, news.Message);
            }
        }

        return false;
    }

    // Over a shared connection only changes are for everybody; a message too large for the way between nodes is lost like one that a slow reader loses.
    private static void Forward(UpstreamNews news, Akka.Cluster.Cluster cluster)
    {
        if ((!news.Slot.IsSession && news.Notice is null) || news.Message.Length > Parcels.MostInMessage)
        {
            return;
        }

        foreach (var member in cluster.State.Members)
        {
            if (!member.UniqueAddress.Equals(cluster.SelfUniqueAddress))
            {
                Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name).Tell(new NewsForNodes(news.Server, news.Slot, news.Message), ActorRefs.NoSender);
            }
        }
    }
}
