using System.Buffers;
using System.Buffers.Text;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Core.Protocol.Sse;

/// <summary>The fields of the event that is being read, as ranges of its block; only data of several lines is copied.</summary>
internal sealed class SseFields : IDisposable
{
    // The longest name that counts, its colon and one blank.
    private const int Head = 7;
    private PooledBuffer? _joined;
    private ByteRange _data;
    private ByteRange _name;
    private ByteRange _id;
    private TimeSpan? _retry;
    private int _dataLines;
    private bool _hasId;
    private bool _taken;

    /// <summary>Whether there is a field that counts.</summary>
    internal bool Any { get; private set; }

    /// <summary>Adds a line of at least one byte.</summary>
    /// <param name="block">The event's bytes so far.</param>
    /// <param name="line">The line without its end.</param>
    /// <param name="start">Where in the block the line starts.</param>
    internal void Add(in ReadOnlySequence<byte> block, in ReadOnlySequence<byte> line, int start)
    {
        Span<byte> copy = stackalloc byte[Head];
        scoped var head = line.FirstSpan;
        if (head.Length < Head && !line.IsSingleSegment)
        {
            var length = (int)Math.Min(line.Length, Head);
            line.Slice(0, length).CopyTo(copy);
            head = copy[..length];
        }

        var length32 = (int)line.Length;
        if (Is(head, length32, "data"u8, out var at))
        {
            AddData(block, line.Slice(at), new ByteRange(start + at, length32 - at));
        }
        else if (Is(head, length32, "event"u8, out at))
        {
            _name = new ByteRange(start + at, length32 - at);
            Any = true;
        }
        else if (Is(head, length32, "id"u8, out at))
        {
            SetId(line.Slice(at), new ByteRange(start + at, length32 - at));
        }
        else if (Is(head, length32, "retry"u8, out at))
        {
            SetRetry(line.Slice(at));
        }
    }

    /// <summary>The event, and none begun any more.</summary>
    internal SseEvent Take(in ReadOnlySequence<byte> block)
    {
        var found = new SseEvent
        {
            Data = _dataLines > 1 ? _joined!.Sequence : _data.In(block),
            Name = _name.In(block),
            HasId = _hasId,
            Id = _id.In(block),
            Retry = _retry,
        };
        _data = _name = _id = default;
        _retry = null;
        _dataLines = 0;
        Any = _hasId = false;
        _taken = true;
        return found;
    }

    /// <summary>The bytes of the event taken last are not used any more.</summary>
    internal void Forget()
    {
        if (_taken)
        {
            _joined?.Clear();
            _taken = false;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _joined?.Dispose();

    // Whether the line's field has this name, and if so where its value starts.
    private static bool Is(ReadOnlySpan<byte> head, int length, ReadOnlySpan<byte> name, out int valueAt)
    {
        valueAt = name.Length;
        if (!head.StartsWith(name) || length == name.Length)
        {
            return length == name.Length && head.StartsWith(name);
        }

        if (head[name.Length] != (byte)':')
        {
            return false;
        }

        valueAt++;
        if (length > valueAt && head[valueAt] == (byte)' ')
        {
            valueAt++;
        }

        return true;
    }

    private void AddData(in ReadOnlySequence<byte> block, in ReadOnlySequence<byte> value, ByteRange range)
    {
        Any = true;
        if (++_dataLines == 1)
        {
            _data = range;
            return;
        }

        _joined ??= new PooledBuffer();
        if (_dataLines == 2)
        {
            _joined.Write(_data.In(block));
        }

        _joined.Write("\n"u8);
        _joined.Write(value);
    }

    private void SetId(in ReadOnlySequence<byte> value, ByteRange range)
    {
        if (value.PositionOf((byte)0) is null)
        {
            _id = range;
            Any = _hasId = true;
        }
    }

    private void SetRetry(in ReadOnlySequence<byte> value)
    {
        const int mostDigits = 10;
        Span<byte> digits = stackalloc byte[mostDigits];
        if (value.IsEmpty || value.Length > mostDigits)
        {
            return;
        }

        digits = digits[..(int)value.Length];
        value.CopyTo(digits);
        if (!digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(digits, out long milliseconds, out _))
        {
            _retry = TimeSpan.FromMilliseconds(milliseconds);
            Any = true;
        }
    }
}
