using System.Runtime.CompilerServices;
using McpActors.Cluster.Lifecycle;

namespace McpActors.Gateway.Pipeline;

/// <summary>
/// The way of one call: admission by the server's actor, attempts by the carrier, retries as the actor decides, and the answer. The actor hears
/// the end of every call it admitted, whatever happens here.
/// </summary>
internal sealed partial class CallPipeline(CallServices services, Refresher refresher, IDrain drain, ILogger<CallPipeline> log)
{
    /// <summary>Runs a call to its end. Every outcome but the caller's own leaving is written as an answer.</summary>
    /// <param name="call">The call.</param>
    /// <param name="writer">Where its messages go.</param>
    /// <param name="caller">Fires when the caller cancels.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunAsync(DownstreamCall call, IDownstreamWriter writer, CancellationToken caller)
    {
        var started = services.Time.GetTimestamp();
        var method = call.MethodName;
        services.Observer.Started(call.Server.Id, method);
        using var activity = CallTracing.StartCall(call);
        var end = CallEnd.Fault;
        // A node that leaves waits for its calls, and then no more.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(caller, drain.Expired);
        var run = new CallRun(services, call, writer, ended.Token);
        try
        {
            end = await run.ToEndAsync();
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            end = CallEnd.Cancelled;
        }
        catch (OperationCanceledException) when (drain.Expired.IsCancellationRequested)
        {
            end = run.MayHaveRun ? CallEnd.UpstreamError : CallEnd.Rejected;
            await ErrorAsync(call, writer, GatewayErrors.DrainedAway(call, run.MayHaveRun));
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever went wrong in here must neither reach the client as it is nor end the connection without a word.
            await FaultAsync(call, writer, run, fault);
        }
        finally
        {
            await run.DisposeAsync();
            services.Observer.Finished(call.Server.Id, method, call.IsToolCall ? call.Target : null, end, services.Time.GetElapsedTime(started));
            CallTracing.End(activity, end);
        }

        if (run.WantsRefresh)
            refresher.Start(this, call);
    }

    private async ValueTask FaultAsync(DownstreamCall call, IDownstreamWriter writer, CallRun run, Exception fault)
    {
        var trace = CallTracing.TraceId();
        Faulted(fault, call.ServerName, call.MethodName, trace);
        await ErrorAsync(call, writer, GatewayErrors.Fault(run.MayHaveRun) with { Server = call.ServerName, TraceId = trace });
    }

    private async ValueTask ErrorAsync(DownstreamCall call, IDownstreamWriter writer, GatewayError error)
    {
        try
        {
            await writer.ErrorAsync(error, CancellationToken.None);
        }
        catch (Exception second) when (second is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The answer had begun or the client is gone; the log has the fault.
            Faulted(second, call.ServerName, call.MethodName, CallTracing.TraceId());
        }
    }

    [LoggerMessage(2001, LogLevel.Error, "A call of {Method} at server {Server} failed inside the gateway. Trace {TraceId}.")]
    private partial void Faulted(Exception fault, string server, string method, string traceId);
}
