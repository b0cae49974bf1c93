using System.Buffers;
using System.Net;
using System.Text;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Http;

/// <summary>Decides what the head of an HTTP answer means: an exchange to read from, the server's refusal as its answer, or a failed attempt.</summary>
internal static class HttpAnswers
{
    private const int RefusalLimit = 1024 * 1024;
    private const int SearchedBytes = 4096;

    /// <summary>Opens the answer to a request. Owns the response.</summary>
    public static async ValueTask<IUpstreamExchange> OpenAsync(
        HttpConnection connection,
        UpstreamRequest request,
        HttpResponseMessage response,
        MessageContent content,
        CancellationToken ct)
    {
        var answer = new HttpAnswer(connection, request, response, content);
        try
        {
            if (!response.IsSuccessStatusCode)
            {
                return await OpenRefusalAsync(answer, ct);
            }

            return (response.StatusCode, HttpMedia.Of(response)) switch
            {
                (HttpStatusCode.Accepted or HttpStatusCode.NoContent, _) => throw HttpFailures.Malformed("the server took the request as a notification and sent no answer"),
                (_, Media.Json) => new JsonExchange(answer),
                (_, Media.EventStream) => new StreamExchange(answer),
                _ => throw HttpFailures.Malformed("the answer is neither application/json nor text/event-stream"),
            };
        }
        catch
        {
            await answer.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a status that is no success means for a message that gets no answer.</summary>
    public static async ValueTask<UpstreamException> RefusalAsync(HttpConnection connection, HttpResponseMessage response, CancellationToken ct)
    {
        using var body = await ReadRefusalAsync(response, ct);
        return SessionIsGone(connection, response.StatusCode, body.Sequence, JsonRpcScanner.Scan(body.Sequence, connection.Context.Json), null)
            ? LoseSession(connection, response.StatusCode)
            : HttpFailures.Status(response, connection.Context.Time);
    }

    private static async ValueTask<IUpstreamExchange> OpenRefusalAsync(HttpAnswer answer, CancellationToken ct)
    {
        var (connection, response) = (answer.Connection, answer.Response);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw HttpFailures.Status(response, connection.Context.Time);
        }

        using var body = await ReadRefusalAsync(response, ct);
        var scan = JsonRpcScanner.Scan(body.Sequence, connection.Context.Json);
        if (SessionIsGone(connection, response.StatusCode, body.Sequence, scan, answer.Request.Id))
        {
            throw LoseSession(connection, response.StatusCode);
        }

        if (scan.IsMessage && scan.Envelope.Kind == JsonRpcKind.ErrorResponse && IsAnswer(scan.Envelope, answer.Request.Id, response.StatusCode))
        {
            var message = Replies.ErrorFor(answer.Request.Id, scan.Envelope.Error.In(body.Sequence));
            return new RefusalExchange(answer, message);
        }

        throw HttpFailures.Status(response, connection.Context.Time);
    }

    /// <summary>
    /// A JSON-RPC error under our id is the server's answer whatever the status. One without an id is so too when the request itself was refused,
    /// but not when it comes with overload or a fault of the server: then the status says more.
    /// </summary>
    private static bool IsAnswer(JsonRpcEnvelope error, long requestId, HttpStatusCode status)
        => IsOwn(error, requestId) || (error.IdKind is JsonRpcIdKind.None or JsonRpcIdKind.Null && (int)status is >= 400 and < 500 and not 429);

    private static bool IsOwn(JsonRpcEnvelope message, long? requestId)
        => message.IdKind == JsonRpcIdKind.Number && message.IdNumber == requestId;

    /// <summary>404 on a session, or the 400 of servers that are not so strict: one that speaks of a session or of not being initialised.</summary>
    private static bool SessionIsGone(HttpConnection connection, HttpStatusCode status, ReadOnlySequence<byte> body, JsonRpcScan scan, long? requestId)
    {
        if (!connection.Dialect.HasSessions)
        {
            return false;
        }

        var ownCode = scan.IsMessage && scan.Envelope.Kind == JsonRpcKind.ErrorResponse && IsOwn(scan.Envelope, requestId) ? scan.Envelope.ErrorCode : 0;
        return status switch
        {
            HttpStatusCode.NotFound => connection.Dialect.SessionId is not null && ownCode != McpErrorCodes.MethodNotFound,
            HttpStatusCode.BadRequest => ownCode is 0 or (<= -32000 and > McpErrorCodes.HeaderMismatch) && SpeaksOfSession(body),
            _ => false,
        };
    }

    private static bool SpeaksOfSession(ReadOnlySequence<byte> body)
    {
        var text = Encoding.UTF8.GetString(body.Slice(0, Math.Min(body.Length, SearchedBytes)));
        return text.Contains("session", StringComparison.OrdinalIgnoreCase) || text.Contains("not initialized", StringComparison.OrdinalIgnoreCase);
    }

    private static UpstreamException LoseSession(HttpConnection connection, HttpStatusCode status)
    {
        connection.Lose($"HTTP {(int)status} on our session");
        return HttpFailures.SessionLost(status);
    }

    private static async ValueTask<PooledBuffer> ReadRefusalAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var body = new PooledBuffer();
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(ct);
            if (HttpMedia.Of(response) == Media.EventStream)
            {
                using var events = new EventReader(stream, RefusalLimit);
                if (await events.ReadAsync(ct))
                {
                    Copy(events.Data, body);
                }

                return body;
            }

            while (body.Length < RefusalLimit)
            {
                var read = await stream.ReadAsync(body.GetMemory(), ct);
                if (read == 0)
                {
                    break;
                }

                body.Advance(read);
            }

            return body;
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or UpstreamException)
        {
            // The status alone has to do.
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static void Copy(ReadOnlySequence<byte> from, PooledBuffer to)
    {
        foreach (var segment in from)
        {
            to.Write(segment.Span);
        }
    }
}
