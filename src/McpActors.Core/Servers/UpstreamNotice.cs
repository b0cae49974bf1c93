using System.Buffers;
using System.Text;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Core.Servers;

/// <summary>A notification of an upstream that makes something stale which the gateway keeps.</summary>
/// <param name="List">The list that changed; null for a resource.</param>
/// <param name="Resource">The resource that changed, as cached answers carry it.</param>
public sealed record UpstreamNotice(ListKind? List, CacheTag Resource)
{
    /// <summary>Reads a message; null for any other one.</summary>
    public static UpstreamNotice? Read(ReadOnlyMemory<byte> message)
    {
        var body = new ReadOnlySequence<byte>(message);
        var scan = JsonRpcScanner.Scan(body, JsonLimits.Upstream);
        if (!scan.IsMessage || scan.Envelope is not { Kind: JsonRpcKind.Notification } envelope)
        {
            return null;
        }

        return envelope.Method switch
        {
            McpMethod.ToolsListChangedNotification => new UpstreamNotice(ListKind.Tools, default),
            McpMethod.PromptsListChangedNotification => new UpstreamNotice(ListKind.Prompts, default),
            McpMethod.ResourcesListChangedNotification => new UpstreamNotice(ListKind.Resources, default),
            McpMethod.ResourceUpdatedNotification when envelope.TargetText(body) is { } uri =>
                new UpstreamNotice(null, CacheTag.Of(CacheKind.Resource, Encoding.UTF8.GetBytes(uri))),
            _ => null,
        };
    }
}
