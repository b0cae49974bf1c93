using Akka.Cluster.Sharding;
using McpActors.Core.Sessions;

namespace McpActors.Cluster.Sessions;

/// <summary>A session's messages go to the shard of its id.</summary>
internal sealed class SessionMessageExtractor(int shards) : HashCodeMessageExtractor(shards)
{
    public override string? EntityId(object message) => (message as IWithSessionId)?.SessionId;
}
