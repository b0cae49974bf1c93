using System.Buffers;
using System.IO.Pipelines;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Gateway.Front.Http;

/// <summary>
/// A response as server-sent events. One message is one event; a comment goes out when nothing else does, so that intermediaries keep the stream.
/// Safe for one writer and the keep-alive timer at the same time.
/// </summary>
internal sealed class SseStream : IAsyncDisposable
{
    /// <summary>Silence after which a comment is sent.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private readonly PipeWriter _pipe;
    private readonly OneLineWriter _line;
    private readonly CancellationToken _aborted;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ITimer _timer;
    private bool _ended;

    private SseStream(HttpResponse response, TimeProvider time)
    {
        _pipe = response.BodyWriter;
        _line = new OneLineWriter(_pipe);
        _aborted = response.HttpContext.RequestAborted;
        _timer = time.CreateTimer(static s => ((SseStream)s!).TryKeepAlive(), this, KeepAlive, KeepAlive);
    }

    /// <summary>Sends status and headers now, so that the client knows its stream stands.</summary>
    public static async ValueTask<SseStream> OpenAsync(HttpResponse response, TimeProvider time, bool flush)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        if (flush)
        {
            await response.StartAsync(response.HttpContext.RequestAborted);
            await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
        }

        return new SseStream(response, time);
    }

    /// <summary>Sends one message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="splices">What is changed in it on the way; null: nothing.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask WriteAsync(ReadOnlySequence<byte> message, SplicePlan? splices, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            _pipe.Write("event: message\ndata: "u8);
            WriteOneLine(message, splices);
            _pipe.Write("\n\n"u8);
            await _pipe.FlushAsync(ct);
            _timer.Change(KeepAlive, KeepAlive);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void WriteOneLine(in ReadOnlySequence<byte> message, SplicePlan? splices)
    {
        if (splices is not null)
        {
            splices.WriteTo(message, _line);
            return;
        }

        foreach (var segment in message)
            _line.Write(segment.Span);
    }

    /// <summary>Stops the keep-alives. The response ends when its handler returns.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _turn.WaitAsync(CancellationToken.None);
        _ended = true;
        _turn.Release();
    }

    private void TryKeepAlive()
    {
        // A writer at work is a sign of life by itself.
        if (_ended || _aborted.IsCancellationRequested || !_turn.Wait(0, CancellationToken.None))
            return;
        _ = KeepAliveAsync();
    }

    private async Task KeepAliveAsync()
    {
        try
        {
            if (_ended)
                return;
            _pipe.Write(": keep-alive\n\n"u8);
            await _pipe.FlushAsync(_aborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The client left; the writer of the stream finds out by itself.
            _ended = true;
        }
        finally
        {
            _turn.Release();
        }
    }
}
