using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Sessions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;

namespace McpActors.Cluster.Servers;

/// <summary>Takes what one connection says of its own accord to the server's actor and to the clients. Called from I/O threads; only enqueues.</summary>
internal sealed class UpstreamInbox(IActorRef actor, ServerId server, SlotKey slot, EventStream news, SessionStreams? streams) : IUpstreamEvents
{
    public void OnMessage(ConnectionId id, ReadOnlyMemory<byte> message)
    {
        news.Publish(new UpstreamNews(server, slot, id, message, IsRequest: false));
        if (UpstreamNotice.Read(message) is { } notice)
        {
            actor.Tell(new Noticed(notice), ActorRefs.NoSender);
        }
    }

    // Only a client that listens can answer; for all others the transport says that there is no such method.
    public bool OnRequest(ConnectionId id, string method, ReadOnlyMemory<byte> message)
    {
        if (!slot.IsSession || streams?.IsAttached(slot.Value[2..]) != true)
        {
            return false;
        }

        news.Publish(new UpstreamNews(server, slot, id, message, IsRequest: true));
        return true;
    }

    public void OnClosed(ConnectionId id, string reason, int? exitCode) =>
        actor.Tell(new Closed(id, reason, exitCode), ActorRefs.NoSender);

    /// <summary>A notification that concerns what the gateway keeps.</summary>
    internal sealed record Noticed(UpstreamNotice Notice) : INoSerializationVerificationNeeded;

    /// <summary>A connection ended by itself.</summary>
    internal sealed record Closed(ConnectionId Id, string Reason, int? ExitCode) : INoSerializationVerificationNeeded;
}
