using System.Buffers;
using McpActors.Core.Protocol.Bridging;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;

namespace McpActors.Gateway.Pipeline;

/// <summary>Makes a response of a cached result: the caller's id around it, its revision's members in it, and the time that is left.</summary>
internal static class CachedAnswer
{
    /// <summary>What came through the scan on its way in is not refused for its depth now.</summary>
    private static readonly JsonLimits Limits = JsonLimits.Upstream with { Depth = 1000, DuplicatesCheckedTo = 1 };

    /// <summary>Writes it.</summary>
    public static async ValueTask ServeAsync(DownstreamCall call, ServerProtocol.CacheHit hit, IDownstreamWriter writer, CancellationToken ct)
    {
        using var body = new PooledBuffer();
        JsonRpcWriter.Result(body, call.Envelope.Id.In(call.Body), new ReadOnlySequence<byte>(hit.Result));
        var scan = JsonRpcScanner.Scan(body.Sequence, Limits);
        if (!scan.IsMessage)
            throw new InvalidOperationException($"A cached result is no result: {scan.Fault.Message}");
        var plan = SplicePlans.Rent();
        try
        {
            var context = new ResultContext
            {
                Upstream = hit.Revision,
                Caller = call.Caller.Revision,
                Method = call.Method,
                Ttl = hit.RemainingTtl,
                IsPublic = hit.Scope == CacheScope.Public,
            };
            ResultTranslator.Translate(context, body.Sequence, scan.Envelope, plan);
            await writer.ResponseAsync(new DownstreamAnswer(scan.Envelope, body.Sequence, plan), ct);
        }
        finally
        {
            SplicePlans.Return(plan);
        }
    }
}
