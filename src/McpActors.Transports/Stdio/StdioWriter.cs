using System.Buffers;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Stdio;

/// <summary>One line on its way to a child: a copy, so that a caller may leave while it is being written.</summary>
/// <param name="Bytes">The message and its end of line.</param>
/// <param name="Exchange">Whose request it is; null for other messages.</param>
internal readonly record struct OutgoingLine(PooledBuffer Bytes, StdioExchange? Exchange)
{
    /// <summary>Copies a message into one line. In valid JSON a raw line end can only stand between tokens, where a blank means the same.</summary>
    public static OutgoingLine Create(ReadOnlySequence<byte> body, SplicePlan? splices, StdioExchange? exchange)
    {
        var bytes = new PooledBuffer();
        if (splices is null)
        {
            foreach (var segment in body)
            {
                bytes.Write(segment.Span);
            }
        }
        else
        {
            splices.WriteTo(body, bytes);
        }

        foreach (var segment in bytes.Sequence)
        {
            var own = MemoryMarshal.AsMemory(segment).Span;
            own.Replace((byte)'\n', (byte)' ');
            own.Replace((byte)'\r', (byte)' ');
        }

        bytes.Write("\n"u8);
        return new OutgoingLine(bytes, exchange);
    }
}

/// <summary>Writes lines to a child, one after the other, from a bounded queue: a child that does not read makes its callers wait, and nobody else.</summary>
internal sealed class StdioWriter(Stream input) : IDisposable
{
    private const int Capacity = 256;

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<OutgoingLine> _lines = Channel.CreateBounded<OutgoingLine>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Queues a line, waiting for room. False when the child takes no more.</summary>
    public async ValueTask<bool> EnqueueAsync(OutgoingLine line, CancellationToken ct)
    {
        try
        {
            while (!_lines.Writer.TryWrite(line))
            {
                if (!await _lines.Writer.WaitToWriteAsync(ct))
                {
                    line.Bytes.Dispose();
                    return false;
                }
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            line.Bytes.Dispose();
            throw;
        }
    }

    /// <summary>Queues a line if there is room.</summary>
    public bool TryEnqueue(OutgoingLine line)
    {
        if (_lines.Writer.TryWrite(line))
        {
            return true;
        }

        line.Bytes.Dispose();
        return false;
    }

    /// <summary>Writes until it is stopped or the child closes its input.</summary>
    public async Task RunAsync()
    {
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(_stop.Token))
            {
                using (line.Bytes)
                {
                    if (line.Exchange?.TryBeginSending() ?? true)
                    {
                        await WriteAsync(line);
                    }
                }
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The child reads no more: its end tells every caller, and says why better than a broken pipe does.
        }
        finally
        {
            _lines.Writer.TryComplete();
            while (_lines.Reader.TryRead(out var line))
            {
                line.Bytes.Dispose();
            }
        }
    }

    /// <summary>Takes no more lines, and gives up the one being written.</summary>
    public void Stop()
    {
        _lines.Writer.TryComplete();
        _stop.Cancel();
    }

    /// <inheritdoc />
    public void Dispose() => _stop.Dispose();

    private async Task WriteAsync(OutgoingLine line)
    {
        try
        {
            foreach (var segment in line.Bytes.Sequence)
            {
                await input.WriteAsync(segment, _stop.Token);
            }

            await input.FlushAsync(_stop.Token);
        }
        catch (IOException)
        {
            line.Exchange?.SendingFailed();
            throw;
        }
    }
}
