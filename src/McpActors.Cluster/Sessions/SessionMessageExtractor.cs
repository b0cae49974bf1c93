using Akka.Cluster.Sharding;
using McpActors.Core.Sessions;

namespace McpActors.Cluster.Sessions;

/// <summary>A session's messages go to the shard of its name. Paths of actors get into logs, and a session's id admits to it.</summary>
internal sealed class SessionMessageExtractor(int shards) : HashCodeMessageExtractor(shards)
{
    public override string? EntityId(object message) => message is IWithSessionId session ? SessionHandle.NameOf(session.SessionId) : null;
}
