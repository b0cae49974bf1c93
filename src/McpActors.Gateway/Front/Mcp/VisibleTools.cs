using System.Text.Json;
using McpActors.Cluster.Servers;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>
/// <c>tools/list</c> of a server some of whose tools are hidden: made of the catalogue, for its bytes must not go through. Everywhere else they do.
/// </summary>
internal sealed class VisibleTools(IServerCalls servers, TimeProvider time)
{
    /// <summary>Whether the operator hides any tool of the server.</summary>
    public static bool HidesAny(ServerModel server)
    {
        foreach (var tool in server.Tools)
        {
            if (tool.Value.Hidden)
                return true;
        }

        return false;
    }

    /// <summary>Answers <c>tools/list</c> without the hidden ones, on one page.</summary>
    public async ValueTask ListAsync(ServerModel server, McpMessage message, IDownstreamWriter writer, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var reply = await servers.GetCatalogueAsync(new ServerProtocol.GetCatalogue(server.Id, ListKinds.Tools, now + server.Timeout.List), ct);
        if (reply.Catalogue?.Tools is not { } copy)
        {
            await writer.ErrorAsync(GatewayErrors.NeverReached(server.Id.Value, reply.UnavailableReason), ct);
            return;
        }

        using var body = new PooledBuffer();
        Write(body, message, server, copy, reply.Fresh ? copy.RemainingTtl(time.GetUtcNow()) : TimeSpan.Zero);
        await writer.ResponseAsync(new DownstreamAnswer(message.Envelope, body.Sequence, null), ct);
    }

    private static void Write(PooledBuffer body, McpMessage message, ServerModel server, ListCopy copy, TimeSpan ttl)
    {
        var revision = message.Caller.Revision;
        using var json = new Utf8JsonWriter(body, JsonRpcWriter.Options);
        json.WriteStartObject();
        json.WriteString("jsonrpc"u8, "2.0"u8);
        json.WritePropertyName("id"u8);
        json.WriteRawValue(message.Id, skipInputValidation: true);
        json.WriteStartObject("result"u8);
        if (revision.HasResultType)
            json.WriteString("resultType"u8, "complete"u8);
        json.WriteStartArray("tools"u8);
        foreach (var item in copy.Items)
        {
            if (!server.Tool(item.Name).Hidden)
                json.WriteRawValue(item.Json.Span, skipInputValidation: true);
        }

        json.WriteEndArray();
        if (revision.HasCacheHints)
        {
            json.WriteNumber("ttlMs"u8, (long)ttl.TotalMilliseconds);
            json.WriteString("cacheScope"u8, copy.Scope == CacheScope.Public ? "public"u8 : "private"u8);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
