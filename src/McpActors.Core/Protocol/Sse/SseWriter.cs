using System.Buffers;

namespace McpActors.Core.Protocol.Sse;

/// <summary>Writes events that every parser of text/event-stream reads back as they were, line ends in the data being line feeds then.</summary>
public static class SseWriter
{
    /// <summary>A comment, which keeps intermediaries from closing a silent stream.</summary>
    public static ReadOnlySpan<byte> KeepAlive => ": keep-alive\n\n"u8;

    /// <summary>Writes one event with a message.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="data">The message. Each of its lines becomes a data line; JSON has line ends only between tokens.</param>
    /// <param name="id">Id for resuming; empty for none. Neither line ends nor NUL.</param>
    /// <param name="name">The event's name; empty for the default, <c>message</c>. No line ends.</param>
    public static void Write(
        IBufferWriter<byte> target, in ReadOnlySequence<byte> data, ReadOnlySpan<byte> id = default, ReadOnlySpan<byte> name = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (id.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0)
        {
            throw new ArgumentException("An event id holds no line end and no NUL", nameof(id));
        }

        if (name.IndexOfAny((byte)'\r', (byte)'\n') >= 0)
        {
            throw new ArgumentException("An event name holds no line end", nameof(name));
        }

        if (!name.IsEmpty)
        {
            WriteField(target, "event: "u8, name);
        }

        if (!id.IsEmpty)
        {
            WriteField(target, "id: "u8, id);
        }

        WriteData(target, data);
        target.Write("\n\n"u8);
    }

    /// <summary>Writes a comment, which keeps intermediaries from closing a silent stream.</summary>
    public static void WriteKeepAlive(IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        target.Write(KeepAlive);
    }

    private static void WriteField(IBufferWriter<byte> target, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        target.Write(name);
        target.Write(value);
        target.Write("\n"u8);
    }

    private static void WriteData(IBufferWriter<byte> target, in ReadOnlySequence<byte> data)
    {
        target.Write("data: "u8);
        var afterReturn = false;
        foreach (var segment in data)
        {
            var rest = segment.Span;
            while (!rest.IsEmpty)
            {
                if (afterReturn && rest[0] == (byte)'\n')
                {
                    // The second half of a line end that was written at its first.
                    rest = rest[1..];
                    afterReturn = false;
                    continue;
                }

                afterReturn = false;
                var end = rest.IndexOfAny((byte)'\r', (byte)'\n');
                if (end < 0)
                {
                    target.Write(rest);
                    break;
                }

                target.Write(rest[..end]);
                target.Write("\ndata: "u8);
                afterReturn = rest[end] == (byte)'\r';
                rest = rest[(end + 1)..];
            }
        }
    }
}
