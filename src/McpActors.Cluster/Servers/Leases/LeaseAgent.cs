using Akka.Actor;
using McpActors.Core.Servers.Lease;

namespace McpActors.Cluster.Servers.Leases;

/// <summary>One per node: takes what the actors of servers on other nodes say about this node's leases.</summary>
internal sealed class LeaseAgent : ReceiveActor
{
    /// <summary>Its name at the top of the actor system; owners find it by that.</summary>
    public const string Name = "leases";

    private readonly NodeLeases _leases;

    public LeaseAgent(NodeLeases leases)
    {
        _leases = leases;
        Receive<LeaseProtocol.Tell>(told => _leases.Find(told.Server)?.Apply(told.Grant));
        Receive<LeaseProtocol.WhoHolds>(OnWhoHolds);
    }

    public static Props Props(NodeLeases leases) => Akka.Actor.Props.Create(() => new LeaseAgent(leases));

    // To the one who asks: by way of the region it could reach the actor before.
    private void OnWhoHolds(LeaseProtocol.WhoHolds question)
    {
        var said = _leases.Find(question.Server)?.Claim(question.Owner);
        Sender.Tell(said is null ? new LeaseProtocol.HoldsNone(question.Server, _leases.Node) : new LeaseProtocol.Report(question.Server, said), Self);
    }
}
