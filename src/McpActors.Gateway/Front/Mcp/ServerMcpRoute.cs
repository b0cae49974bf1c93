using McpActors.Cluster.Servers;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Upstream;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>What every server's route uses.</summary>
internal sealed record ServerMcpServices(IServerCalls Servers, CallFactory Calls, CallPipeline Pipeline, VisibleTools Visible, TimeProvider Time);

/// <summary>One server behind <c>/mcp/{id}</c>, transparent: names and bytes go through untouched.</summary>
internal sealed class ServerMcpRoute(ServerModel server, ServerMcpServices services) : IMcpRoute
{
    private readonly bool _hidesTools = VisibleTools.HidesAny(server);

    /// <summary>The server.</summary>
    public ServerModel Server => server;

    /// <inheritdoc />
    public string SessionRoute => server.Id.Value;

    /// <inheritdoc />
    public async ValueTask<(PeerInfo? Peer, GatewayError? Error)> DescribeAsync(CancellationToken ct)
    {
        var query = new ServerProtocol.GetCatalogue(server.Id, ListKinds.None, services.Time.GetUtcNow() + server.Timeout.Initialize);
        var reply = await services.Servers.GetCatalogueAsync(query, ct);
        return reply.Catalogue is { } catalogue
            ? (catalogue.Peer, null)
            : (null, GatewayErrors.NeverReached(server.Id.Value, reply.UnavailableReason));
    }

    /// <inheritdoc />
    public ValueTask RequestAsync(McpMessage message, IDownstreamWriter writer, CancellationToken ct)
    {
        if (!CallRules.IsForServers(message.Envelope.Method, message.Caller.Revision))
            return writer.ErrorAsync(GatewayErrors.UnknownMethod(message.MethodName, message.Caller.Revision.IsModern), ct);
        var target = message.Envelope.TargetText(message.Body);
        if (target is null && CallRules.NeedsTarget(message.Envelope.Method))
            return writer.ErrorAsync(GatewayErrors.InvalidParams($"'{message.MethodName}' needs the name of what it is about."), ct);
        if (_hidesTools)
        {
            if (message.Envelope.Method == McpMethod.ToolsCall && server.Tool(target!).Hidden)
                return writer.ErrorAsync(GatewayErrors.UnknownTool("tool", target!, server.Id.Value, null), ct);
            if (message.Envelope.Method == McpMethod.ToolsList)
                return services.Visible.ListAsync(server, message, writer, ct);
        }

        return services.Pipeline.RunAsync(services.Calls.Create(server, message, target), writer, ct);
    }

    /// <inheritdoc />
    public ValueTask NotificationAsync(McpMessage message, CancellationToken ct) => default;
}
