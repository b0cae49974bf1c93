using Akka.Actor;
using Akka.Cluster;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Membership;
using McpActors.Cluster.Overview;
using McpActors.Core.Configuration;

namespace McpActors.Gateway.Management;

/// <summary>The cluster at a glance: every member with its parts, and the first servers with their state.</summary>
internal sealed class StatusEndpoint(ActorSystem system, IOverview overview, ICatalogue catalogue, ServerEndpoints servers, INodeSelf self)
{
    private const int MostServers = 500;

    /// <summary>Answers it.</summary>
    public async Task<IResult> GetAsync(HttpContext context)
    {
        var models = catalogue.Current.Servers;
        IReadOnlyList<ServerModel> shown = models.Count > MostServers ? [.. models.Take(MostServers)] : models;
        var nodes = NodesAsync(context.RequestAborted);
        var rows = await servers.RowsAsync(shown, context.RequestAborted);
        return Answers.Json(new StatusView(
            Akka.Cluster.Cluster.Get(system).SelfAddress.ToString(),
            self.Version,
            self.StartedAt,
            [.. self.Parts.Select(Check)],
            await nodes,
            models.Count,
            rows));
    }

    private async Task<IReadOnlyList<NodeRow>> NodesAsync(CancellationToken ct)
    {
        var state = Akka.Cluster.Cluster.Get(system).State;
        var told = (await overview.NodesAsync(ct)).Items.ToDictionary(node => node.Node, node => node.Glance, StringComparer.Ordinal);
        var agreed = catalogue.Agreement?.Hash;
        var oldest = ClusterEndpoints.Oldest(state.Members);
        return [.. state.Members.Select(member => Row(member, told.GetValueOrDefault(member.Address.ToString())))];

        NodeRow Row(Member member, NodeGlance? glance)
        {
            var reachable = !state.Unreachable.Contains(member);
            var parts = glance?.Parts.Select(Check).ToArray();
            return new NodeRow(
                member.Address.ToString(), member.Status.ToString(), reachable, [.. NodeNames.RolesOf(member).Order(StringComparer.Ordinal)],
                member.Address.Equals(state.Leader), member.Equals(oldest), StateOf(reachable, parts), parts, glance?.Version, glance?.StartedAt,
                glance?.Servers, glance?.Sessions, glance?.ServedSessions, glance?.Calls,
                glance?.Revision, glance?.Hash, agreed is null || glance is null ? null : glance.Hash != agreed);
        }
    }

    private static string StateOf(bool reachable, NodeCheck[]? parts) => parts switch
    {
        null => reachable ? "silent" : "unreachable",
        _ when parts.Any(part => part.Status == "failed") => "failed",
        _ when parts.Any(part => part.Status == "degraded") => "degraded",
        _ => "ok",
    };

    private static NodeCheck Check(PartGlance part) => new(part.Name, part.Status, part.Reason, part.Since);
}
