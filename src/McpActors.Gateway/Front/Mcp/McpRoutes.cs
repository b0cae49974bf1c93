using System.Runtime.CompilerServices;
using McpActors.Cluster.Servers;
using McpActors.Core.Configuration;
using McpActors.Gateway.Front.Aggregate;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>What stands behind each endpoint. A server's route lives as long as its model; a changed server gets a new one.</summary>
internal sealed class McpRoutes(
    AggregateMcpRoute aggregate, IServerCalls servers, CallFactory calls, CallPipeline pipeline, VisibleTools visible, TimeProvider time)
{
    private readonly ConditionalWeakTable<ServerModel, ServerMcpRoute> _byServer = [];

    /// <summary>All servers as one.</summary>
    public IMcpRoute Aggregate => aggregate;

    /// <summary>One server.</summary>
    public ServerMcpRoute For(ServerModel server) => _byServer.TryGetValue(server, out var route)
        ? route
        : _byServer.GetValue(server, model => new ServerMcpRoute(model, new ServerMcpServices(servers, calls, pipeline, visible, time)));
}
