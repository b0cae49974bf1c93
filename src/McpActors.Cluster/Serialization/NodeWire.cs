using McpActors.Cluster.Lifecycle;
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
            p => new NodeStarted(p.Address, p.Version, [.. p.Roles], ToTime(p.At)));
}
