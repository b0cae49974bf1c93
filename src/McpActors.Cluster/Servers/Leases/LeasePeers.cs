using Akka.Actor;
using Akka.Cluster;
using McpActors.Cluster.Nodes;
using McpActors.Core.Servers.Lease;

namespace McpActors.Cluster.Servers.Leases;

/// <summary>The nodes that may hold leases, this one included, as the actor of a server sees them.</summary>
internal interface ILeasePeers
{
    /// <summary>Whether there is, or was, another node: only then a predecessor may have given leases.</summary>
    bool HadCompany { get; }

    /// <summary>Whether a node was lost so lately that it may still call under a lease, and can not be asked.</summary>
    bool LostOneWithin(TimeSpan time);

    /// <summary>Asks all of them what they hold; returns the lives that were asked.</summary>
    IReadOnlyCollection<int> Ask(LeaseProtocol.WhoHolds question, IActorRef owner);
}

/// <inheritdoc cref="ILeasePeers"/>
internal sealed class LeasePeers(ActorSystem system, NodeDirectory nodes) : ILeasePeers
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(system);

    public bool HadCompany => nodes.HadCompany;

    public bool LostOneWithin(TimeSpan time) => nodes.SinceLoss < time;

    public IReadOnlyCollection<int> Ask(LeaseProtocol.WhoHolds question, IActorRef owner)
    {
        var asked = new List<int>();
        foreach (var member in _cluster.State.Members)
        {
            if (member.Status is MemberStatus.Down or MemberStatus.Removed)
                continue;
            asked.Add(member.UniqueAddress.Uid);
            system.ActorSelection(new RootActorPath(member.Address) / "user" / LeaseAgent.Name).Tell(question, owner);
        }

        return asked;
    }
}
