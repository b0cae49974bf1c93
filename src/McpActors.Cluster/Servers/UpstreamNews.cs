using Akka.Actor;
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

/// <summary>
/// Takes upstreams' notifications to the streams of this node's clients. A client's own upstream session speaks to that client alone; over a shared one only
/// changes are for everybody, because log messages and the like belong to whoever caused them.
/// </summary>
internal sealed class NewsDelivery : ReceiveActor
{
    /// <summary>The route of clients that see all servers as one.</summary>
    private const string AllServers = "*";

    public NewsDelivery(SessionStreams streams)
    {
        Receive<UpstreamNews>(news => Deliver(news, streams));
        Context.System.EventStream.Subscribe(Self, typeof(UpstreamNews));
    }

    public static Props Props(SessionStreams streams) => Akka.Actor.Props.Create(() => new NewsDelivery(streams));

    private static void Deliver(UpstreamNews news, SessionStreams streams)
    {
        if (news.Slot.IsSession)
        {
            streams.Publish(news.Slot.Value[2..], news.Message);
        }
        else if (news.Notice is not null)
        {
            streams.PublishToRoute(news.Server.Value, news.Message);
            if (news.Notice.List is not null)
            {
                streams.PublishToRoute(AllServers, news.Message);
            }
        }
    }
}
