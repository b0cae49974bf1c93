using System.Buffers;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Gateway.Front.Security;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Http;

/// <summary>
/// The answer to one POSTed request: one JSON body, or an event stream as soon as something comes before the result. The status is chosen when
/// the first byte leaves.
/// </summary>
internal sealed class HttpAnswer(HttpContext http, ReadOnlySequence<byte> id, bool modern, TimeProvider time) : IDownstreamWriter, IAsyncDisposable
{
    private SseStream? _events;

    /// <inheritdoc />
    public bool Started => _events is not null || http.Response.HasStarted;

    /// <inheritdoc />
    public bool TakesMessages => true;

    /// <inheritdoc />
    public async ValueTask MessageAsync(ReadOnlySequence<byte> body, SplicePlan? splices, CancellationToken ct)
    {
        _events ??= await SseStream.OpenAsync(http.Response, time, flush: false);
        await _events.WriteAsync(body, splices, ct);
    }

    /// <inheritdoc />
    public ValueTask ResponseAsync(DownstreamAnswer answer, CancellationToken ct)
    {
        if (_events is not null)
            return _events.WriteAsync(answer.Body, answer.Splices, ct);
        return JsonBody.WriteAsync(http.Response, StatusOf(answer), answer.Body, answer.Splices, ct);
    }

    /// <inheritdoc />
    public async ValueTask ErrorAsync(GatewayError error, CancellationToken ct)
    {
        using var body = new PooledBuffer();
        ErrorJson.WriteRpc(body, id, error, error.TraceId ?? CallTracing.TraceId());
        if (_events is not null)
        {
            await _events.WriteAsync(body.Sequence, null, ct);
            return;
        }

        if (error.HttpStatus is 429 or 503 && error.RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = ProblemWriter.RetryAfterText(wait);
        await JsonBody.WriteAsync(http.Response, error.HttpStatus, body.Sequence, null, ct);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _events?.DisposeAsync() ?? default;

    /// <summary>Errors that the newest revision binds to a status have it also when the server sent them: clients tell eras by it.</summary>
    private int StatusOf(in DownstreamAnswer answer)
    {
        if (!modern || answer.Envelope.Kind != JsonRpcKind.ErrorResponse)
            return StatusCodes.Status200OK;
        return answer.Envelope.ErrorCode switch
        {
            var code when McpErrorCodes.TellsModern(code) => StatusCodes.Status400BadRequest,
            McpErrorCodes.MethodNotFound => StatusCodes.Status404NotFound,
            _ => StatusCodes.Status200OK,
        };
    }
}
