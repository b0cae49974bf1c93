using McpActors.Cluster.Discovery;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;
using McpActors.Gateway.Front.Mcp;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>All servers as one behind <c>/mcp</c>: lists are merged, calls go to the server that their name or URI belongs to.</summary>
internal sealed class AggregateMcpRoute(
    ICatalogue catalogue, MergedLists lists, TargetResolver resolver, CallFactory calls, CallPipeline pipeline) : IMcpRoute
{
    /// <inheritdoc />
    public string SessionRoute => SessionInfo.AllServers;

    /// <inheritdoc />
    public ValueTask<(PeerInfo? Peer, GatewayError? Error)> DescribeAsync(CancellationToken ct) =>
        new((GatewayIdentity.AsPeer(catalogue.Current.Servers.Count), null));

    /// <inheritdoc />
    public ValueTask RequestAsync(McpMessage message, IDownstreamWriter writer, CancellationToken ct) => message.Envelope.Method switch
    {
        McpMethod.ToolsList => lists.WriteAsync(ListKind.Tools, message, writer, ct),
        McpMethod.PromptsList => lists.WriteAsync(ListKind.Prompts, message, writer, ct),
        McpMethod.ResourcesList => lists.WriteAsync(ListKind.Resources, message, writer, ct),
        McpMethod.ResourceTemplatesList => lists.WriteAsync(ListKind.ResourceTemplates, message, writer, ct),
        McpMethod.ToolsCall => NamedAsync("tool", message, message.Envelope.Params.Name, writer, ct),
        McpMethod.PromptsGet => NamedAsync("prompt", message, message.Envelope.Params.Name, writer, ct),
        McpMethod.ResourcesRead => ReadAsync(message, writer, ct),
        McpMethod.CompletionComplete => CompleteAsync(message, writer, ct),
        _ => writer.ErrorAsync(GatewayErrors.UnknownMethod(message.MethodName, message.Caller.Revision.IsModern), ct),
    };

    /// <inheritdoc />
    public ValueTask NotificationAsync(McpMessage message, CancellationToken ct) => default;

    private async ValueTask NamedAsync(string kind, McpMessage message, ByteRange nameRange, IDownstreamWriter writer, CancellationToken ct)
    {
        if (RawJson.Text(message.Body, nameRange) is not { } exposed)
        {
            await writer.ErrorAsync(GatewayErrors.InvalidParams($"'{message.MethodName}' needs a name."), ct);
            return;
        }

        var list = kind == "tool" ? ListKind.Tools : ListKind.Prompts;
        if (await resolver.NamedAsync(exposed, list, ct) is not ({ } server, { } name))
        {
            var nearest = await resolver.NearestAsync(exposed, list, ct);
            await writer.ErrorAsync(GatewayErrors.UnknownTool(kind, exposed, null, nearest), ct);
            return;
        }

        await pipeline.RunAsync(calls.Create(server, message, name, nameRange), writer, ct);
    }

    private async ValueTask ReadAsync(McpMessage message, IDownstreamWriter writer, CancellationToken ct)
    {
        if (RawJson.Text(message.Body, message.Envelope.Params.Uri) is not { } uri)
        {
            await writer.ErrorAsync(GatewayErrors.InvalidParams("'resources/read' needs a uri."), ct);
            return;
        }

        if (await resolver.ByUriAsync(uri, ct) is not { } server)
        {
            await writer.ErrorAsync(GatewayErrors.UnknownResource(uri, message.Caller.Revision.HasResourceNotFoundCode), ct);
            return;
        }

        await pipeline.RunAsync(calls.Create(server, message, uri), writer, ct);
    }

    private async ValueTask CompleteAsync(McpMessage message, IDownstreamWriter writer, CancellationToken ct)
    {
        var parameters = message.Envelope.Params;
        if (!parameters.ReferenceName.IsNone)
        {
            await NamedAsync("prompt", message, parameters.ReferenceName, writer, ct);
            return;
        }

        var server = RawJson.Text(message.Body, parameters.ReferenceUri) is { } uri ? await resolver.ByUriAsync(uri, ct) : null;
        if (server is null)
        {
            await writer.ErrorAsync(GatewayErrors.InvalidParams("'completion/complete' needs a ref to a prompt or a resource template that is listed here."), ct);
            return;
        }

        await pipeline.RunAsync(calls.Create(server, message, null), writer, ct);
    }
}
