using System.Buffers;
using McpActors.Cluster.Lifecycle;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Deadlines;

namespace McpActors.Gateway.Pipeline;

/// <summary>
/// Renews cached results behind the back of the caller that was served a stale one. The actor asks one caller for it, so there is one refresh
/// for each entry; it is an ordinary call whose answer nobody reads.
/// </summary>
internal sealed class Refresher(IDrain drain, TimeProvider time)
{
    /// <summary>Starts a refresh of what this call asked for, unless the node leaves.</summary>
    public void Start(CallPipeline pipeline, DownstreamCall call)
    {
        if (drain.TryEnter() is { } ticket)
            _ = RunAsync(pipeline, CopyOf(call), ticket);
    }

    private async Task RunAsync(CallPipeline pipeline, DownstreamCall call, IDisposable ticket)
    {
        using (ticket)
        {
            var nobody = new BufferAnswer(default);
            using (nobody.Buffer)
                await pipeline.RunAsync(call, nobody, drain.Expired);
        }
    }

    /// <summary>The request's bytes go back to the server when it is answered, so the refresh has its own.</summary>
    private DownstreamCall CopyOf(DownstreamCall call)
    {
        var body = new ReadOnlySequence<byte>(call.Body.ToArray());
        return new DownstreamCall
        {
            Server = call.Server,
            Caller = call.Caller,
            Envelope = JsonRpcScanner.Scan(body, JsonLimits.Upstream).Envelope,
            Body = body,
            Target = call.Target,
            Renamed = call.Renamed,
            Slot = call.Slot,
            Profile = call.Profile,
            Deadline = CallDeadline.From(time.GetUtcNow(), call.Deadline.Total),
            IsRefresh = true,
        };
    }
}
