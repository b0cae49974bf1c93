using System.Runtime.CompilerServices;
using McpActors.Cluster.Servers;
using McpActors.Core.Protocol.Bridging;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Gateway.Nodes;
using McpActors.Transports;

namespace McpActors.Gateway.Pipeline;

/// <summary>
/// Carries one admitted attempt: the client's bytes with their changes up, what the server says down, and how it ended. It decides nothing.
/// </summary>
internal sealed class Carrier(ConnectionRegistry connections, ServerAsks asks, TimeProvider time, RemoteConnections? remotes = null)
{
    private readonly CallTimer.Pool _timers = new(time);

    /// <summary>Makes an attempt. Never throws for what the server does.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Attempt> RunAsync(
        DownstreamCall call, ServerProtocol.Admitted admitted, IDownstreamWriter writer, CancellationToken caller)
    {
        using var activity = CallTracing.StartAttempt(call, admitted.Attempt);
        var started = time.GetTimestamp();
        var attempt = new Attempt(call);
        var connection = connections.Find(admitted.Connection);
        // The owner judged by its own clock, which may be wrong; the end of the call is known here.
        using var limit = _timers.Start(call.Deadline.StepTimeout(time.GetUtcNow(), admitted.AttemptTimeout), caller);
        UpstreamRequest? request = null;
        try
        {
            if (connection is null && remotes is not null)
                connection = await remotes.FindAsync(admitted.Connection, call.Server, limit.Token);
            if (connection is null)
            {
                // It was replaced between the actor's answer and now; the actor has another one.
                return attempt.Fail(new AttemptOutcome(AttemptResult.SessionLost, Sent: false, FirstByte: false, default), "the connection had just been replaced");
            }

            request = Translation.Request(attempt, connection, admitted);
            attempt.Exchange = await connection.SendAsync(request, limit.Token);
            var message = await RelayAsync(attempt, connection, request.Id, writer, limit.Token);
            var outcome = OutcomeOf(message.Envelope, time.GetElapsedTime(started));
            if (Translation.Answer(call, connection.Peer, message, attempt.Down) == ResultOutcome.Translated)
            {
                attempt.Answered(outcome, message);
                attempt.Fill = CacheFills.From(call, connection.Peer, message);
            }
            else
            {
                // The server did its part; it is the client's revision that has no form for the answer.
                attempt.Fail(outcome with { Result = AttemptResult.ProtocolError }, "the server asks for input that this client's protocol revision cannot be asked for here");
            }
        }
        catch (UpstreamException failure)
        {
            attempt.Fail(failure.ToOutcome(time.GetElapsedTime(started)) with { FirstByte = failure.FirstByte || attempt.FirstByte }, failure.Message);
        }
        catch (ObjectDisposedException)
        {
            // It was retired between the look-up and the send, because its session was lost to somebody else's call.
            var result = request?.Sent == true ? AttemptResult.Reset : AttemptResult.SessionLost;
            attempt.Fail(new AttemptOutcome(result, request?.Sent ?? false, attempt.FirstByte, time.GetElapsedTime(started)), "the connection had just been replaced");
        }
        catch (OperationCanceledException)
        {
            var result = caller.IsCancellationRequested ? AttemptResult.Cancelled : AttemptResult.Timeout;
            attempt.Fail(new AttemptOutcome(result, request?.Sent ?? false, attempt.FirstByte, time.GetElapsedTime(started)), null);
        }

        asks.Forget(attempt);
        CallTracing.End(activity, attempt.Outcome);
        return attempt;
    }

    /// <summary>Passes on what comes before the answer, and returns the answer.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamMessage> RelayAsync(
        Attempt attempt, IUpstreamConnection connection, long id, IDownstreamWriter writer, CancellationToken ct)
    {
        while (true)
        {
            var message = await attempt.Exchange!.ReadAsync(ct);
            attempt.FirstByte = true;
            attempt.Down.Clear();
            switch (message.Envelope.Kind)
            {
                case JsonRpcKind.Response or JsonRpcKind.ErrorResponse:
                    return message;
                case JsonRpcKind.Request:
                    await asks.AskAsync(attempt, connection, message, writer, ct);
                    break;
                default:
                    if (writer.TakesMessages && Translation.Notification(attempt.Call, message, id, attempt.Down))
                        await writer.MessageAsync(message.Body, attempt.Down, ct);
                    break;
            }
        }
    }

    private static AttemptOutcome OutcomeOf(JsonRpcEnvelope envelope, TimeSpan latency)
    {
        var result = envelope.Kind == JsonRpcKind.Response
            ? envelope.Result.IsError ? AttemptResult.ToolError : AttemptResult.Success
            : envelope.ErrorCode == McpErrorCodes.InternalError ? AttemptResult.InternalError : AttemptResult.ProtocolError;
        return new AttemptOutcome(result, Sent: true, FirstByte: true, latency, ErrorCode: envelope.Kind == JsonRpcKind.Response ? null : envelope.ErrorCode);
    }
}
