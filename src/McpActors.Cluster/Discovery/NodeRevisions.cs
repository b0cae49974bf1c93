using Akka.Actor;
using Akka.Cluster;
using McpActors.Core.Discovery;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>Which configuration the nodes of the cluster run.</summary>
public interface INodeRevisions
{
    /// <summary>This node.</summary>
    NodeRevision Own { get; }

    /// <summary>Asks every member. One that does not answer within 2 s is there without a revision.</summary>
    Task<IReadOnlyList<MemberRevision>> AskAllAsync(CancellationToken ct);
}

/// <summary>A member and what it runs.</summary>
/// <param name="Address">Its address, as <c>/cluster/members</c> shows it.</param>
/// <param name="Revision">What it runs; null when it does not answer.</param>
public sealed record MemberRevision(string Address, NodeRevision? Revision);

/// <summary>Asks the catalogue agents of all members.</summary>
internal sealed class NodeRevisions(ActorSystem system, CatalogueHolder holder) : INodeRevisions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public NodeRevision Own => holder.Revision;

    public async Task<IReadOnlyList<MemberRevision>> AskAllAsync(CancellationToken ct)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var members = cluster.State.Members.Where(member => member.Status is not (MemberStatus.Down or MemberStatus.Removed)).ToArray();
        return await Task.WhenAll(members.Select(member => AskAsync(member, cluster.SelfUniqueAddress, ct)));
    }

    private async Task<MemberRevision> AskAsync(Member member, UniqueAddress self, CancellationToken ct)
    {
        var address = member.Address.ToString();
        if (member.UniqueAddress.Equals(self))
            return new MemberRevision(address, Own);
        try
        {
            var agent = system.ActorSelection(new RootActorPath(member.Address) / "user" / DiscoveryHosting.AgentName);
            return new MemberRevision(address, await agent.Ask<NodeRevision>(GetNodeRevision.Instance, Patience, ct));
        }
        catch (AskTimeoutException)
        {
            return new MemberRevision(address, null);
        }
    }
}
