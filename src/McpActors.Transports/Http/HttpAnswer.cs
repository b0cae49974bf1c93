using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Http;

/// <summary>What every exchange over HTTP holds until its end. An exchange that ends before its response cancels the request.</summary>
internal sealed class HttpAnswer(HttpConnection connection, UpstreamRequest request, HttpResponseMessage first, MessageContent content) : IAsyncDisposable
{
    private const int DrainBytes = 64 * 1024;

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    private bool _stillRunning;
    private bool _left;

    public HttpConnection Connection => connection;

    public UpstreamRequest Request => request;

    public HttpResponseMessage Response { get; private set; } = first;

    /// <summary>Whether the response, or the proof that none will come, has been read.</summary>
    public bool Settled { get; private set; }

    /// <summary>The stream whose rest must be read before its connection can serve another request; null when there is none.</summary>
    public Stream? Rest { get; set; }

    /// <summary>The call is over for its server, however long its answer is passed on.</summary>
    public void Settle()
    {
        Settled = true;
        Leave();
    }

    /// <summary>Goes on with another response: the stream was resumed.</summary>
    public void ContinueWith(HttpResponseMessage response)
    {
        Response.Dispose();
        Response = response;
        Rest = null;
    }

    /// <summary>Scans a message of the answer.</summary>
    public JsonRpcEnvelope Scan(ReadOnlySequence<byte> message, JsonRpcEnvelope reuse)
    {
        var scan = JsonRpcScanner.Scan(message, connection.Context.Json, reuse);
        return scan.IsMessage ? scan.Envelope : throw Fail(HttpFailures.Malformed("the answer is no valid JSON-RPC: " + scan.Fault.Message));
    }

    /// <summary>
    /// Whether it is the response to this request. An error under no id can be for no other request here; any other id is a fault.
    /// </summary>
    public bool IsOwnResponse(JsonRpcEnvelope message)
    {
        if (message.IdKind == JsonRpcIdKind.Number && message.IdNumber == request.Id)
        {
            return true;
        }

        return message.Kind == JsonRpcKind.ErrorResponse && message.IdKind is JsonRpcIdKind.None or JsonRpcIdKind.Null
            ? false
            : throw Fail(HttpFailures.Malformed("the answer carries the id of another request"));
    }

    /// <summary>Marks the exchange as failed, for its reader to throw.</summary>
    /// <param name="fault">What happened.</param>
    /// <param name="stillRunning">Whether the server may be working on it: then it is told to stop.</param>
    public UpstreamException Fail(UpstreamException fault, bool stillRunning = false)
    {
        Settled = true;
        Rest = null;
        _stillRunning = stillRunning;
        return fault;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!Settled || _stillRunning)
        {
            connection.Cancel(request);
        }

        Leave();
        if (Settled && Rest is { } rest)
        {
            _ = DrainAsync(rest);
        }
        else
        {
            Response.Dispose();
        }

        await content.CloseAsync();
    }

    private void Leave()
    {
        if (!_left)
        {
            _left = true;
            connection.Leave();
        }
    }

    /// <summary>Reads the end of a stream after its last message: as a rule it is there already, and the connection can be used again.</summary>
    private async Task DrainAsync(Stream rest)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(4096);
        using var limit = new CancellationTokenSource(DrainTime, connection.Context.Time);
        try
        {
            for (var drained = 0; drained < DrainBytes;)
            {
                var read = await rest.ReadAsync(chunk, limit.Token);
                if (read == 0)
                {
                    break;
                }

                drained += read;
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or HttpRequestException or ObjectDisposedException)
        {
            // Nothing is lost but a connection that could have been used again.
        }
        finally
        {
            Response.Dispose();
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
