using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Http;

/// <summary>An exchange whose answer is one JSON body.</summary>
internal sealed class JsonExchange(HttpAnswer answer) : IUpstreamExchange
{
    private readonly PooledBuffer _body = new();
    private byte[]? _normalised;

    /// <inheritdoc />
    public async ValueTask<UpstreamMessage> ReadAsync(CancellationToken ct)
    {
        if (answer.Settled)
        {
            throw new InvalidOperationException("The exchange has ended: its response was read");
        }

        await FillAsync(ct);
        var envelope = answer.Scan(_body.Sequence, answer.Request.Scratch ?? new JsonRpcEnvelope());
        if (envelope.Kind is not (JsonRpcKind.Response or JsonRpcKind.ErrorResponse))
        {
            throw answer.Fail(HttpFailures.Malformed("the answer is no JSON-RPC response"));
        }

        var own = answer.IsOwnResponse(envelope);
        answer.Settle();
        if (own)
        {
            return new UpstreamMessage(envelope, _body.Sequence);
        }

        _normalised = Replies.ErrorFor(answer.Request.Id, envelope.Error.In(_body.Sequence));
        var sequence = new ReadOnlySequence<byte>(_normalised);
        return new UpstreamMessage(answer.Scan(sequence, envelope), sequence);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await answer.DisposeAsync();
        _body.Dispose();
    }

    private async ValueTask FillAsync(CancellationToken ct)
    {
        var limit = answer.Connection.Context.Settings.ResultLimit;
        if (answer.Response.Content.Headers.ContentLength > limit)
        {
            throw answer.Fail(HttpFailures.TooLarge(limit));
        }

        try
        {
            var stream = await answer.Response.Content.ReadAsStreamAsync(ct);
            while (await stream.ReadAsync(_body.GetMemory(), ct) is var read and > 0)
            {
                _body.Advance(read);
                if (_body.Length > limit)
                {
                    throw answer.Fail(HttpFailures.TooLarge(limit));
                }
            }
        }
        catch (Exception fault) when (fault is not UpstreamException && !ct.IsCancellationRequested)
        {
            // Whatever the HTTP stack throws here, the body has not come to its end.
            throw answer.Fail(HttpFailures.BrokenOff(fault, firstByte: _body.Length > 0));
        }
    }
}

/// <summary>An exchange whose answer is a JSON-RPC error that came with an HTTP status; it has been read already.</summary>
internal sealed class RefusalExchange(HttpAnswer answer, byte[] message) : IUpstreamExchange
{
    /// <inheritdoc />
    public ValueTask<UpstreamMessage> ReadAsync(CancellationToken ct)
    {
        if (answer.Settled)
        {
            throw new InvalidOperationException("The exchange has ended: its response was read");
        }

        var body = new ReadOnlySequence<byte>(message);
        var envelope = answer.Scan(body, new JsonRpcEnvelope());
        answer.Settle();
        return ValueTask.FromResult(new UpstreamMessage(envelope, body));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        // The server has answered, read or not.
        answer.Settle();
        return answer.DisposeAsync();
    }
}
