using Akka.Actor;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Sessions;

/// <summary>The ear of a node: tells sessions of their use, and hears from them of changes and of their end.</summary>
internal sealed class SessionNews : ReceiveActor
{
    public SessionNews(IActorRef region, SessionCache cache, SessionStreams streams, TimeSpan restAfter)
    {
        Receive<TellUse>(use => region.Tell(new Touch(use.SessionId, use.At), Self));
        Receive<SessionFound>(found => cache.Update(found.Info));
        Receive<SessionEnded>(ended => Forget(ended.SessionId));
        Receive<SessionResting>(resting =>
        {
            // With the use that there was: that its actor stays is no use.
            if (cache.Rest(resting.SessionId, restAfter, streams.IsAttached(resting.SessionId)) is { } lastUse)
                region.Tell(new Touch(resting.SessionId, lastUse), Self);
        });
        Receive<SessionUnknown>(unknown => Forget(unknown.SessionId));

        void Forget(string id)
        {
            cache.Remove(id);
            streams.End(id);
        }
    }

    public static Props Props(IActorRef region, SessionCache cache, SessionStreams streams, TimeSpan restAfter) =>
        Akka.Actor.Props.Create(() => new SessionNews(region, cache, streams, restAfter));

    /// <summary>From the façade: this session was used.</summary>
    internal sealed record TellUse(string SessionId, DateTimeOffset At) : INoSerializationVerificationNeeded;
}
