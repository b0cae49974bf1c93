using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Http;

/// <summary>An exchange whose answer is a stream of server-sent events, the last of them the response.</summary>
internal sealed class StreamExchange(HttpAnswer answer) : IUpstreamExchange
{
    private readonly JsonRpcEnvelope _envelope = new();
    private EventReader? _events;

    /// <inheritdoc />
    public async ValueTask<UpstreamMessage> ReadAsync(CancellationToken ct)
    {
        if (answer.Settled)
        {
            throw new InvalidOperationException("The exchange has ended: its response was read");
        }

        while (true)
        {
            var data = await NextAsync(ct);
            var envelope = answer.Scan(data, _envelope);
            switch (envelope.Kind)
            {
                case JsonRpcKind.Response or JsonRpcKind.ErrorResponse:
                    return Settle(envelope, data);
                case JsonRpcKind.Request when envelope.Method == McpMethod.Ping:
                    answer.Connection.Answer(Replies.Pong(envelope.Id.In(data).ToArray()));
                    break;
                default:
                    return new UpstreamMessage(envelope, data);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await answer.DisposeAsync();
        _events?.Dispose();
    }

    private UpstreamMessage Settle(JsonRpcEnvelope envelope, ReadOnlySequence<byte> data)
    {
        var own = answer.IsOwnResponse(envelope);
        answer.Settled = true;
        if (own)
        {
            return new UpstreamMessage(envelope, data);
        }

        var normalised = new ReadOnlySequence<byte>(Replies.ErrorFor(answer.Request.Id, envelope.Error.In(data)));
        return new UpstreamMessage(answer.Scan(normalised, envelope), normalised);
    }

    /// <summary>The data of the next event that has any.</summary>
    private async ValueTask<ReadOnlySequence<byte>> NextAsync(CancellationToken ct)
    {
        var limit = answer.Connection.Context.Settings.ResultLimit;
        try
        {
            if (_events is null)
            {
                answer.Rest = await answer.Response.Content.ReadAsStreamAsync(ct);
                _events = new EventReader(answer.Rest, limit);
            }

            while (await _events.ReadAsync(ct))
            {
                if (!_events.Data.IsEmpty)
                {
                    return _events.Data;
                }
            }
        }
        catch (UpstreamException fault)
        {
            throw answer.Fail(fault);
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            // Whatever the HTTP stack throws here, the stream has not come to its response.
            throw answer.Fail(HttpFailures.BrokenOff(fault, _events is { ReadAny: true }), stillRunning: true);
        }

        throw answer.Fail(HttpFailures.BrokenOff(null, _events.ReadAny), stillRunning: true);
    }
}
