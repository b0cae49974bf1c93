using System.Buffers;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>
/// Bytes in a chain of pooled arrays of 1 to 64 KiB, so that no message, however long, reaches the large-object heap. Not thread-safe.
/// After <see cref="Dispose"/> its bytes belong to somebody else.
/// </summary>
public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>Largest array of the chain, in bytes.</summary>
    public const int LargestSegment = 64 * 1024;

    private const int SmallestSegment = 1024;
    private Segment? _first;
    private Segment? _last;

    /// <summary>Number of bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>The bytes written so far; valid until the next write.</summary>
    public ReadOnlySequence<byte> Sequence
    {
        get
        {
            if (_first is null || _last is null)
            {
                return ReadOnlySequence<byte>.Empty;
            }

            return ReferenceEquals(_first, _last)
                ? new ReadOnlySequence<byte>(_first.Array, 0, _first.Written)
                : new ReadOnlySequence<byte>(_first, 0, _last, _last.Written);
        }
    }

    /// <summary>A buffer that holds a copy of the bytes.</summary>
    public static PooledBuffer CopyOf(in ReadOnlySequence<byte> bytes)
    {
        var copy = new PooledBuffer();
        copy.Write(bytes);
        return copy;
    }

    /// <inheritdoc />
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var last = _last ?? throw new InvalidOperationException("Nothing was asked for.");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, last.Array.Length - last.Written);
        last.Extend(count);
        Length += count;
    }

    /// <inheritdoc />
    /// <remarks>A hint above <see cref="LargestSegment"/> is honoured, as the contract demands, with a larger array.</remarks>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        var last = _last;
        if (last is null || last.Array.Length - last.Written < Math.Max(sizeHint, 1))
        {
            last = Grow(sizeHint);
        }

        return last.Array.AsMemory(last.Written);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Appends bytes, over as many arrays as they need.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var target = GetSpan(_last is null ? Math.Min(bytes.Length, LargestSegment) : 0);
            var count = Math.Min(target.Length, bytes.Length);
            bytes[..count].CopyTo(target);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Appends bytes.</summary>
    public void Write(in ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            Write(segment.Span);
        }
    }

    /// <summary>A copy of the bytes in one array of their own.</summary>
    public byte[] ToArray() => Sequence.ToArray();

    /// <summary>Forgets the bytes and gives the arrays back; the buffer may be written again.</summary>
    public void Clear()
    {
        for (var segment = _first; segment is not null; segment = (Segment?)segment.Next)
        {
            ArrayPool<byte>.Shared.Return(segment.Array);
        }

        _first = _last = null;
        Length = 0;
    }

    /// <inheritdoc />
    public void Dispose() => Clear();

    private Segment Grow(int sizeHint)
    {
        var usual = _last is null ? SmallestSegment : Math.Min(_last.Array.Length * 2, LargestSegment);
        var next = new Segment(ArrayPool<byte>.Shared.Rent(Math.Max(usual, sizeHint)), Length);
        _last?.LinkTo(next);
        _first ??= next;
        _last = next;
        return next;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal Segment(byte[] array, long before)
        {
            Array = array;
            RunningIndex = before;
        }

        internal byte[] Array { get; }

        internal int Written { get; private set; }

        internal void Extend(int count)
        {
            Written += count;
            Memory = new ReadOnlyMemory<byte>(Array, 0, Written);
        }

        internal void LinkTo(Segment next) => Next = next;
    }
}
