using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using McpActors.Gateway.Front.Mcp;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>Answers the list methods of the merged endpoint. A server that is away is named, its last good copy stays in the list.</summary>
internal sealed class MergedLists(CatalogueGathering gathering, TimeProvider time)
{
    private readonly MergedList _merged = new();

    /// <summary>Writes the answer to a list request.</summary>
    public async ValueTask WriteAsync(ListKind kind, McpMessage message, IDownstreamWriter writer, CancellationToken ct)
    {
        AggregateCursor? from = null;
        if (!message.Envelope.Params.Cursor.IsNone && RawJson.FirstByte(message.Body, message.Envelope.Params.Cursor) != (byte)'n')
        {
            if (RawJson.Text(message.Body, message.Envelope.Params.Cursor) is not { } text || !AggregateCursor.TryDecode(text, kind, out var cursor))
            {
                await writer.ErrorAsync(GatewayErrors.InvalidParams("This cursor is not one of this list."), ct);
                return;
            }

            from = cursor;
        }

        var contributions = await gathering.GatherAsync((ListKinds)(1 << (int)kind), ct);
        var page = _merged.Page(contributions, kind, from);
        using var body = new PooledBuffer();
        Write(body, kind, message, page, contributions);
        await writer.ResponseAsync(new DownstreamAnswer(message.Envelope, body.Sequence, null), ct);
    }

    private void Write(PooledBuffer body, ListKind kind, McpMessage message, MergedPage page, IReadOnlyList<Contribution> contributions)
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
        json.WritePropertyName(MemberOf(kind));
        json.WriteRawValue(page.Items.Span, skipInputValidation: true);
        if (page.Next is not null)
            json.WriteString("nextCursor"u8, page.Next);
        if (revision.HasCacheHints)
        {
            var (ttl, scope) = MergedList.Freshness(contributions, kind, time.GetUtcNow());
            json.WriteNumber("ttlMs"u8, (long)ttl.TotalMilliseconds);
            json.WriteString("cacheScope"u8, scope == CacheScope.Public ? "public"u8 : "private"u8);
        }

        WriteMeta(json, revision.HasServerInfoInMeta, contributions);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMeta(Utf8JsonWriter json, bool withServerInfo, IReadOnlyList<Contribution> contributions)
    {
        var partial = contributions.Any(static c => c.Unavailable is not null);
        if (!partial && !withServerInfo)
            return;
        json.WriteStartObject("_meta"u8);
        if (withServerInfo)
        {
            json.WritePropertyName(MetaKeys.ServerInfo);
            json.WriteRawValue(GatewayIdentity.ServerInfo.Span, skipInputValidation: true);
        }

        if (partial)
        {
            json.WriteStartArray(MetaKeys.Unavailable);
            foreach (var (server, catalogue, reason) in contributions)
            {
                if (reason is null)
                    continue;
                json.WriteStartObject();
                json.WriteString("server"u8, server.Id.Value);
                json.WriteString("reason"u8, reason);
                json.WriteBoolean("lastGoodCopy"u8, catalogue is not null);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string MemberOf(ListKind kind) => kind switch
    {
        ListKind.Tools => "tools",
        ListKind.Prompts => "prompts",
        ListKind.Resources => "resources",
        _ => "resourceTemplates",
    };
}
