using System.Buffers;

namespace McpActors.Core.Protocol.Sse;

/// <summary>
/// Finds the events of a stream (text/event-stream of the HTML standard) in input that comes in pieces. It remembers how far it has
/// looked, so no byte is searched twice, and copies nothing unless an event has several data lines. An event without its closing empty
/// line, at the end of the stream, does not count. Not thread-safe.
/// </summary>
/// <param name="maxEventSize">
/// Most bytes of one event with its field names and inner comments, or of one comment; at least 16. Bounds what the caller has to keep.
/// </param>
public sealed class SseParser(int maxEventSize) : IDisposable
{
    private readonly int _limit = Math.Max(maxEventSize, 16);
    private readonly SseFields _fields = new();

    // Both count from the first byte not yet given back.
    private long _lineStart;
    private long _searched;
    private bool _started;
    private bool _skipLineFeed;
    private bool _failed;

    /// <summary>Whether there is something of an unfinished event: a stream that ends now was cut.</summary>
    public bool IsInsideEvent => _fields.Any || _searched > 0;

    /// <summary>Reads the next event.</summary>
    /// <param name="input">Everything from the <paramref name="consumed"/> of the last call on, and what has come since.</param>
    /// <param name="found">The event, when there is one.</param>
    /// <param name="consumed">What is before it is not needed again, once the event has been used.</param>
    /// <param name="examined">How far it has looked: the end of the input, unless an event was found.</param>
    public SseRead Read(in ReadOnlySequence<byte> input, out SseEvent found, out SequencePosition consumed, out SequencePosition examined)
    {
        found = default;
        _fields.Forget();
        var block = input;
        var outcome = _failed || !SkipByteOrderMark(ref block) ? SseRead.NeedMore : ReadLines(ref block, out found);
        consumed = block.Start;
        examined = outcome == SseRead.Event ? consumed : input.End;
        return _failed ? SseRead.TooLarge : outcome;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose() => _fields.Dispose();

    private SseRead ReadLines(ref ReadOnlySequence<byte> block, out SseEvent found)
    {
        found = default;
        var reader = new SequenceReader<byte>(block);
        reader.Advance(_lineStart);
        while (NextLine(ref reader, out var line))
        {
            if (reader.Consumed - 1 > _limit)
            {
                _failed = true;
                return SseRead.TooLarge;
            }

            var complete = line.IsEmpty && _fields.Any;
            if (complete)
            {
                found = _fields.Take(block);
            }
            else if (!line.IsEmpty)
            {
                _fields.Add(block, line, (int)_lineStart);
            }

            _lineStart = _searched = reader.Consumed;
            if (complete || !_fields.Any)
            {
                block = block.Slice(reader.Position);
                reader = new SequenceReader<byte>(block);
                _lineStart = _searched = 0;
            }

            if (complete)
            {
                return SseRead.Event;
            }
        }

        _failed = block.Length > _limit;
        return SseRead.NeedMore;
    }

    // A carriage return ends its line at once: the line feed that may follow could be long in coming.
    private bool NextLine(ref SequenceReader<byte> reader, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (_skipLineFeed)
        {
            if (reader.End)
            {
                return false;
            }

            _skipLineFeed = false;
            if (reader.IsNext((byte)'\n', advancePast: true))
            {
                _lineStart = _searched = reader.Consumed;
            }
        }

        var start = reader.Position;
        reader.Advance(_searched - _lineStart);
        if (!reader.TryAdvanceToAny("\r\n"u8, advancePastDelimiter: false))
        {
            _searched = reader.Length;
            return false;
        }

        line = reader.Sequence.Slice(start, reader.Position);
        reader.TryRead(out var end);
        _skipLineFeed = end == (byte)'\r';
        return true;
    }

    private bool SkipByteOrderMark(ref ReadOnlySequence<byte> block)
    {
        if (_started)
        {
            return true;
        }

        var mark = "\uFEFF"u8;
        Span<byte> head = stackalloc byte[3];
        var length = (int)Math.Min(block.Length, mark.Length);
        block.Slice(0, length).CopyTo(head);
        if (!mark.StartsWith(head[..length]))
        {
            return _started = true;
        }

        if (length < mark.Length)
        {
            return false;
        }

        block = block.Slice(mark.Length);
        return _started = true;
    }
}
