using Akka.Actor;
using Akka.Cluster.Sharding;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Sessions;
using McpActors.Core.Sessions;
using static McpActors.Cluster.Overview.OverviewProtocol;

namespace McpActors.Cluster.Overview;

/// <summary>Tells of this node itself and of its shards.</summary>
internal sealed class NodeDesk(ActorSystem system, ICatalogue catalogue, IDrain drain, INodeSelf self)
{
    private static readonly TimeSpan RegionTime = TimeSpan.FromSeconds(1.5);

    public NodeHere Answer(int servers, int sessions, int served)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        return new NodeHere(new NodeGlance
        {
            Version = self.Version,
            StartedAt = self.StartedAt,
            Parts = self.Parts,
            Servers = servers,
            Sessions = sessions,
            ServedSessions = served,
            Calls = drain.InFlight,
            Revision = catalogue.Agreement?.Revision,
            Hash = catalogue.Own.Hash,
            Misses = [.. cluster.State.Members
                .Where(member => !member.Address.Equals(cluster.SelfAddress) && !cluster.FailureDetector.IsAvailable(member.Address))
                .Select(member => member.Address.ToString())],
        });
    }

    public async Task<ShardsHere> AnswerAsync(GetShards question, CancellationToken ct)
    {
        var region = ClusterSharding.Get(system).ShardRegion(question.Region);
        var state = await region.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, RegionTime, ct);
        // A session is shown by its handle, as everywhere.
        var isSession = question.Region == SessionHosting.RegionName;
        return new ShardsHere([.. state.Shards.Select(shard =>
            new ShardGlance(shard.ShardId, [.. shard.EntityIds.Select(id => isSession ? SessionHandle.OfName(id) : id).Order(StringComparer.Ordinal)]))]);
    }
}
