using System.Buffers;
using System.Net;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Http;

/// <summary>
/// The stream on which a legacy server says what belongs to no request, opened by GET. Opening → Reading → (lost) Waiting → Opening …
/// until the session ends, or the server says that it has no such stream.
/// </summary>
internal sealed class ServerStream(HttpConnection connection)
{
    private readonly HttpUpstreamContext _context = connection.Context;
    private readonly JsonRpcEnvelope _envelope = new();
    private TimeSpan _wait = connection.Context.Settings.StreamRetry;
    private string? _lastEventId;

    private enum Outcome
    {
        Ended,
        Over,
    }

    /// <summary>Reads until the session ends. Never throws.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (await ReadOnceAsync(ct) == Outcome.Ended)
            {
                await Task.Delay(_wait, _context.Time, ct);
                _wait = TimeSpan.FromTicks(Math.Min(_wait.Ticks * 2, _context.Settings.StreamRetryMax.Ticks));
            }
        }
        catch (OperationCanceledException)
        {
            // The session has ended.
        }
    }

    private async Task<Outcome> ReadOnceAsync(CancellationToken ct)
    {
        var reason = "the server closed it";
        try
        {
            using var response = await connection.OpenStreamAsync(_lastEventId, ct);
            if (response.StatusCode == HttpStatusCode.NotFound && connection.Dialect.SessionId is not null)
            {
                connection.Lose("HTTP 404 when its stream was opened");
                return Outcome.Over;
            }

            if ((int)response.StatusCode is >= 300 and < 500 and not 429)
            {
                _context.Log.NoStream(_context.Name, (int)response.StatusCode);
                return Outcome.Over;
            }

            if (!response.IsSuccessStatusCode)
            {
                reason = $"HTTP {(int)response.StatusCode}";
            }
            else if (HttpMedia.Of(response) == Media.EventStream)
            {
                await ReadEventsAsync(response, ct);
            }
            else
            {
                _context.Log.NoStream(_context.Name, (int)response.StatusCode);
                return Outcome.Over;
            }
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            // Whatever the HTTP stack throws here, the stream is lost and will be opened again.
            reason = fault.Message;
        }

        _context.Log.StreamEnded(_context.Name, reason, _wait);
        return Outcome.Ended;
    }

    private async Task ReadEventsAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var stream = await response.Content.ReadAsStreamAsync(ct);
        using var events = new EventReader(stream, _context.Settings.ResultLimit);
        while (await events.ReadAsync(ct))
        {
            _wait = events.Retry ?? _context.Settings.StreamRetry;
            _lastEventId = events.LastEventId ?? _lastEventId;
            if (!events.Data.IsEmpty)
            {
                Receive(events.Data);
            }
        }
    }

    private void Receive(ReadOnlySequence<byte> data)
    {
        var scan = JsonRpcScanner.Scan(data, _context.Json, _envelope);
        if (!scan.IsMessage)
        {
            connection.Discard();
            _context.Log.StreamGarbage(_context.Name, scan.Fault.Message);
            return;
        }

        switch (scan.Envelope.Kind)
        {
            case JsonRpcKind.Notification when scan.Envelope.Method != McpMethod.ProgressNotification:
                _context.Events.OnMessage(connection.Id, data.ToArray());
                break;
            case JsonRpcKind.Request:
                Answer(scan.Envelope, data);
                break;
            default:
                // Responses and progress belong to the stream of their request.
                connection.Discard();
                break;
        }
    }

    private void Answer(JsonRpcEnvelope request, ReadOnlySequence<byte> data)
    {
        var id = request.Id.In(data).ToArray();
        if (request.Method == McpMethod.Ping)
        {
            connection.Answer(Replies.Pong(id));
        }
        else if (!_context.Events.OnRequest(connection.Id, request.MethodText(data), data.ToArray()))
        {
            connection.Answer(Replies.MethodNotFound(id));
        }
    }
}
