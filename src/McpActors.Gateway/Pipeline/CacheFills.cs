using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;

namespace McpActors.Gateway.Pipeline;

/// <summary>What of an answer may be kept and shared: whole results of calls that have a key, for as long as the server or the operator says.</summary>
internal static class CacheFills
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>What may be shared; null when nothing may.</summary>
    public static CacheFill? From(DownstreamCall call, PeerInfo peer, in UpstreamMessage message)
    {
        if (call.CacheKey is null || message.Envelope.Kind != JsonRpcKind.Response)
            return null;
        ref readonly var result = ref message.Envelope.Result;
        if (!result.IsObject || !result.IsComplete || result.IsError)
            return null;
        // One exact array: the cache counts what it holds.
        return new CacheFill(result.Range.In(message.Body).ToArray(), TtlOf(call, message), ScopeOf(call, message), peer.Revision);
    }

    private static TimeSpan TtlOf(DownstreamCall call, in UpstreamMessage message)
    {
        if (call.IsToolCall)
            return call.Server.Tool(call.Target!).CacheTtl ?? TimeSpan.Zero;
        var hint = call.Method.HasCacheHints() ? RawJson.Integer(message.Body, message.Envelope.Result.TtlMs) : null;
        return hint is > 0 ? TimeSpan.FromMilliseconds(Math.Min(hint.Value, Longest.TotalMilliseconds)) : TimeSpan.Zero;
    }

    private static CacheScope ScopeOf(DownstreamCall call, in UpstreamMessage message) =>
        call.Method.HasCacheHints() && RawJson.TextEquals(message.Body, message.Envelope.Result.CacheScope, "public"u8)
            ? CacheScope.Public
            : CacheScope.Private;
}
