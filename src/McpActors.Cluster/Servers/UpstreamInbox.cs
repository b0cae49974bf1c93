using Akka.Actor;
using Akka.Event;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;

namespace McpActors.Cluster.Servers;

/// <summary>
/// Takes what one connection says of its own accord to the server's actor and to the clients. Called from I/O threads; only enqueues. Requests outside any
/// call are for nobody: the transport answers that there is no such method.
/// </summary>
internal sealed class UpstreamInbox(IActorRef actor, ServerId server, SlotKey slot, EventStream news) : IUpstreamEvents
{
    public void OnMessage(ConnectionId id, ReadOnlyMemory<byte> message)
    {
        var notice = UpstreamNotice.Read(message);
        if (notice is not null)
        {
            // Before the clients hear of it, so that what they ask for next is not answered from what is stale.
            actor.Tell(new Noticed(notice), ActorRefs.NoSender);
        }

        news.Publish(new UpstreamNews(server, slot, message, notice));
    }

    public void OnClosed(ConnectionId id, UpstreamFault reason, int? exitCode) =>
        actor.Tell(new Closed(id, reason, exitCode), ActorRefs.NoSender);

    /// <summary>A notification that concerns what the gateway keeps.</summary>
    internal sealed record Noticed(UpstreamNotice Notice) : INoSerializationVerificationNeeded;

    /// <summary>A connection ended by itself.</summary>
    internal sealed record Closed(ConnectionId Id, UpstreamFault Fault, int? ExitCode) : INoSerializationVerificationNeeded;
}
