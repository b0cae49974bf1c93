using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Http;

/// <summary>An exchange whose answer is a stream of server-sent events, the last of them the response.</summary>
internal sealed class StreamExchange(HttpAnswer answer) : IUpstreamExchange
{
    private const int MostFruitless = 4;

    private readonly JsonRpcEnvelope _envelope = new();
    private EventReader? _events;
    private TimeSpan _wait = answer.Connection.Context.Settings.StreamRetry;
    private string? _lastEventId;
    private int _fruitless;
    private bool _readAny;

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
        answer.Settle();
        if (own)
        {
            return new UpstreamMessage(envelope, data);
        }

        var normalised = new ReadOnlySequence<byte>(Replies.ErrorFor(answer.Request.Id, envelope.Error.In(data)));
        return new UpstreamMessage(answer.Scan(normalised, envelope), normalised);
    }

    /// <summary>The data of the next event that has any, over as many resumptions as it takes.</summary>
    private async ValueTask<ReadOnlySequence<byte>> NextAsync(CancellationToken ct)
    {
        while (true)
        {
            Exception? broken = null;
            try
            {
                if (await ReadEventAsync(ct))
                {
                    return _events!.Data;
                }
            }
            catch (UpstreamException fault)
            {
                throw answer.Fail(fault);
            }
            catch (Exception fault) when (!ct.IsCancellationRequested)
            {
                // Whatever the HTTP stack throws here, the stream has not come to its response.
                broken = fault;
            }

            if (!await TryResumeAsync(ct))
            {
                throw answer.Fail(HttpFailures.BrokenOff(broken, _readAny), stillRunning: true);
            }
        }
    }

    private async ValueTask<bool> ReadEventAsync(CancellationToken ct)
    {
        var limit = answer.Connection.Context.Settings.ResultLimit;
        if (_events is null)
        {
            answer.Rest = await answer.Response.Content.ReadAsStreamAsync(ct);
            _events = new EventReader(answer.Rest, limit);
        }

        while (await _events.ReadAsync(ct))
        {
            _readAny = true;
            _fruitless = 0;
            _lastEventId = _events.LastEventId ?? _lastEventId;
            _wait = _events.Retry ?? _wait;
            if (!_events.Data.IsEmpty)
            {
                return true;
            }
        }

        _readAny |= _events.ReadAny;
        return false;
    }

    /// <summary>
    /// Asks a legacy server for what came after the last event, where it gave that event an id. Such servers may close a stream whenever they
    /// like and finish the request meanwhile.
    /// </summary>
    private async ValueTask<bool> TryResumeAsync(CancellationToken ct)
    {
        var connection = answer.Connection;
        while (connection.Dialect.CanResume && _lastEventId is not null && _fruitless++ < MostFruitless)
        {
            await Task.Delay(_wait, connection.Context.Time, ct);
            try
            {
                var response = await connection.OpenStreamAsync(_lastEventId, ct);
                if (response.IsSuccessStatusCode && HttpMedia.Of(response) == Media.EventStream)
                {
                    _events?.Dispose();
                    _events = null;
                    answer.ContinueWith(response);
                    return true;
                }

                response.Dispose();
                if ((int)response.StatusCode is < 500 and not 429)
                {
                    return false;
                }
            }
            catch (Exception) when (!ct.IsCancellationRequested)
            {
                // Whatever the HTTP stack throws here, the server may be on its way back: the next round finds out.
            }
        }

        return false;
    }
}
