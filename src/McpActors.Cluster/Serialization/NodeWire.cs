using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Nodes;
using static McpActors.Cluster.Serialization.WireTypes;
using Proto = McpActors.Cluster.Serialization.Protos.Nodes;

namespace McpActors.Cluster.Serialization;

/// <summary>Nodes on the wire.</summary>
internal static class NodeWire
{
    public static void Register(WireFormatBuilder wire) => wire
        .Add<NodeStarted, Proto.NodeStarted>(
            "node-started-v1",
            e => new Proto.NodeStarted { Address = e.Address, Version = e.Version, Roles = { e.Roles }, At = ToTicks(e.At) },
            p => new NodeStarted(p.Address, p.Version, [.. p.Roles], ToTime(p.At)))
        .Add<GetCard, Proto.GetCard>("node-get-card-v1", _ => new Proto.GetCard(), _ => new GetCard())
        .Add<NodeCard, Proto.NodeCard>(
            "node-card-v1",
            c => new Proto.NodeCard { Node = c.Node, Internal = c.Internal.AbsoluteUri, Token = c.Token },
            p => new NodeCard(p.Node, new Uri(p.Internal), p.Token));
}
