using System.Runtime.CompilerServices;
using McpActors.Cluster.Servers;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;

namespace McpActors.Gateway.Pipeline;

/// <summary>What every call uses.</summary>
internal sealed record CallServices(IServerCalls Servers, Carrier Carrier, ICallObserver Observer, TimeProvider Time);

/// <summary>One call on its way: what is to be remembered between its attempts.</summary>
internal sealed class CallRun(CallServices services, DownstreamCall call, IDownstreamWriter writer, CancellationToken caller) : IAsyncDisposable
{
    /// <summary>How often a call starts anew because its server's actor was lost with its node.</summary>
    private const int MostRestarts = 3;

    private CallId _id = services.Servers.NextCall();
    private Attempt? _last;
    private int _restarts;

    // Whether the actor may hold the call: from the question for admission until it is told of the end, or tells us.
    private bool _held;

    /// <summary>Whether anything may have reached the server.</summary>
    public bool MayHaveRun => _last is { Outcome.ProvablyNotExecuted: false };

    /// <summary>Whether the actor asked this caller to renew what it was served.</summary>
    public bool WantsRefresh { get; private set; }

    /// <summary>Asks for admission and follows the actor's decisions to the end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CallEnd> ToEndAsync()
    {
        var (key, tag) = CallKeys.For(call);
        call.CacheKey = key;
        var intent = new CallIntent(call.Method, call.Target, call.Slot, key, tag, call.Deadline.End, call.TraceParent) { Refresh = call.IsRefresh };
        _held = true;
        var reply = await AdmitAsync(intent);
        while (reply is ServerProtocol.Admitted admitted)
        {
            // Only now the tool's schema is at hand. Nothing was sent, so the call is abandoned and the server not blamed.
            if (ArgumentHeaders.Refusal(call, admitted.Tool) is { } refusal)
            {
                await writer.ErrorAsync(refusal, caller);
                return CallEnd.Rejected;
            }

            var next = await AttemptAsync(admitted);
            if (next is null)
                return EndOf(_last!);
            reply = next is ServerProtocol.GaveUp { Reason: GiveUpReason.UnknownCall } && !MayHaveRun && _restarts++ < MostRestarts
                ? await AdmitAsync(intent)
                : next;
        }

        _held = false;
        return await FinishAsync(reply);
    }

    // The actor of a server that moved knows nothing of the call; nothing of it was executed, so it may begin again as another one.
    private ValueTask<IServerReply> AdmitAsync(CallIntent intent)
    {
        _id = _restarts == 0 ? _id : services.Servers.NextCall();
        return services.Servers.AdmitAsync(new ServerProtocol.Admit(call.Server.Id, _id, intent, call.Profile), caller);
    }

    public async ValueTask DisposeAsync()
    {
        if (_held)
            services.Servers.Abandon(new ServerProtocol.Abandon(call.Server.Id, _id));
        await ForgetLastAsync();
    }

    private async ValueTask ForgetLastAsync()
    {
        var last = _last;
        _last = null;
        if (last is not null)
            await last.DisposeAsync();
    }

    /// <summary>Makes one attempt. Null when the call is answered; else what the actor says to its failure.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IServerReply?> AttemptAsync(ServerProtocol.Admitted admitted)
    {
        await ForgetLastAsync();
        var attempt = _last = await services.Carrier.RunAsync(call, admitted, writer, caller);
        var outcome = attempt.Outcome;
        services.Observer.Attempted(call.Server.Id, call.MethodName, outcome.Result, admitted.Attempt, outcome.Latency);
        caller.ThrowIfCancellationRequested();
        if (!outcome.IsAnswered && !writer.Started)
        {
            return await services.Servers.AttemptFailedAsync(
                new ServerProtocol.AttemptFailed(call.Server.Id, _id, outcome, admitted.Connection), caller);
        }

        // The permit goes back before the answer goes out: a slow client must not use up the server's places.
        _held = false;
        services.Servers.Complete(new ServerProtocol.Complete(call.Server.Id, _id, outcome, attempt.Fill, admitted.Connection));
        if (attempt.HasAnswer)
            await writer.ResponseAsync(attempt.Answer, caller);
        else
            await writer.ErrorAsync(GatewayErrors.From(outcome, call, Elapsed, attempt.Detail), caller);
        return null;
    }

    private async ValueTask<CallEnd> FinishAsync(IServerReply reply)
    {
        switch (reply)
        {
            case ServerProtocol.CacheHit hit:
                WantsRefresh = hit.Revalidate;
                await CachedAnswer.ServeAsync(call, hit, writer, caller);
                return CallEnd.Cached;
            case ServerProtocol.Rejected rejected:
                await writer.ErrorAsync(GatewayErrors.From(rejected, call, Elapsed), caller);
                return rejected.Reason == RejectReason.DeadlinePassed ? CallEnd.Timeout : CallEnd.Rejected;
            case ServerProtocol.GaveUp when _last is { HasAnswer: true } answered:
                await writer.ResponseAsync(answered.Answer, caller);
                return CallEnd.ProtocolError;
            case ServerProtocol.GaveUp gaveUp when _last is { } failed:
                await writer.ErrorAsync(GatewayErrors.From(failed.Outcome, call, Elapsed, failed.Detail ?? gaveUp.Text), caller);
                return EndOf(failed);
            default:
                throw new InvalidOperationException($"{reply.GetType().Name} is no answer to this call.");
        }
    }

    private TimeSpan Elapsed => call.Deadline.Elapsed(services.Time.GetUtcNow());

    private static CallEnd EndOf(Attempt attempt) => attempt.Outcome.Result switch
    {
        AttemptResult.Success => CallEnd.Ok,
        AttemptResult.ToolError => CallEnd.ToolError,
        AttemptResult.ProtocolError when attempt.HasAnswer => CallEnd.ProtocolError,
        AttemptResult.Timeout => CallEnd.Timeout,
        _ => CallEnd.UpstreamError,
    };
}
