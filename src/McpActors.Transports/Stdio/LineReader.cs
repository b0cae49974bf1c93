using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Stdio;

/// <summary>A line of a child's output.</summary>
/// <param name="Bytes">The line without its end, its first part when it was too long; the receiver disposes it.</param>
/// <param name="TooLong">Whether the limit cut it.</param>
/// <param name="Tail">The last bytes of a line that was cut.</param>
internal readonly record struct InputLine(PooledBuffer Bytes, bool TooLong, ReadOnlyMemory<byte> Tail);

/// <summary>Cuts a child's output into lines, in pooled memory, up to a limit: the rest of a longer line is read and dropped. One reader at a time.</summary>
internal sealed class LineReader(Stream input, long limit) : IDisposable
{
    private const int ChunkSize = 64 * 1024;

    /// <summary>How much of the end of a cut line is kept, in bytes.</summary>
    public const int TailSize = 256;

    private readonly byte[] _chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
    private readonly byte[] _tail = new byte[TailSize];
    private int _start;
    private int _end;

    /// <summary>The next whole line; null at the end of the output, where an unfinished line is dropped.</summary>
    public async ValueTask<InputLine?> ReadAsync(CancellationToken ct)
    {
        var line = new PooledBuffer();
        try
        {
            long length = 0;
            while (true)
            {
                if (_start == _end && !await FillAsync(ct))
                {
                    line.Dispose();
                    return null;
                }

                var ended = Take(line, ref length);
                if (ended)
                {
                    return new InputLine(line, length > limit, length > limit ? TailOf(length) : default);
                }
            }
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose() => ArrayPool<byte>.Shared.Return(_chunk);

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        _start = 0;
        _end = await input.ReadAsync(_chunk, ct);
        return _end > 0;
    }

    /// <summary>Takes what belongs to this line; true at its end.</summary>
    private bool Take(PooledBuffer line, ref long length)
    {
        var available = _chunk.AsSpan(_start.._end);
        var newline = available.IndexOf((byte)'\n');
        var part = newline < 0 ? available : available[..newline];
        _start += part.Length + (newline < 0 ? 0 : 1);
        var room = limit - length;
        length += part.Length;
        if (room > 0)
        {
            line.Write(part[..(int)Math.Min(room, part.Length)]);
        }

        if (length > limit)
        {
            KeepTail(part);
        }

        return newline >= 0;
    }

    private void KeepTail(ReadOnlySpan<byte> part)
    {
        if (part.Length >= TailSize)
        {
            part[^TailSize..].CopyTo(_tail);
            return;
        }

        _tail.AsSpan(part.Length).CopyTo(_tail);
        part.CopyTo(_tail.AsSpan(TailSize - part.Length));
    }

    private byte[] TailOf(long length) => _tail[(TailSize - (int)Math.Min(TailSize, length - limit))..];
}
