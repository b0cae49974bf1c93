using Akka.Actor;
using Akka.Cluster;
using McpActors.Cluster.Membership;
using McpActors.Cluster.Overview;
using McpActors.Gateway.Hosting;
using McpActors.Gateway.Observability;

namespace McpActors.Gateway.Management;

/// <summary>This node as a member of the cluster.</summary>
internal sealed class ThisMember(ActorSystem system, Namesakes namesakes)
{
    /// <summary>Its address.</summary>
    public string Address => Akka.Cluster.Cluster.Get(system).SelfAddress.ToString();

    /// <summary>Whether it is up, and alone with its name.</summary>
    public NodeCheck Check()
    {
        var status = Akka.Cluster.Cluster.Get(system).SelfMember.Status;
        return status is MemberStatus.Up or MemberStatus.WeaklyUp
            ? namesakes.Text is { } same ? new NodeCheck("cluster", "degraded", same) : new NodeCheck("cluster", "ok")
            : new NodeCheck("cluster", "failed", $"This node is {status} in the cluster; it serves once it is Up.");
    }
}

/// <summary>What this node tells the others of itself.</summary>
internal sealed class NodeSelf(NodeClock clock, NodeChecks checks) : INodeSelf
{
    /// <inheritdoc />
    public string Version => NodeVersion.Text;

    /// <inheritdoc />
    public DateTimeOffset StartedAt => clock.StartedAt;

    /// <inheritdoc />
    public IReadOnlyList<PartGlance> Parts => [.. checks.All().Select(check => new PartGlance(check.Name, check.Status, check.Reason, check.Since))];
}
