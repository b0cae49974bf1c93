using System.Buffers;
using System.Text;

namespace McpActors.Core.Protocol.Sse;

/// <summary>
/// One event of a stream. Its bytes are slices of the input it was read from, or of the parser's own buffer: valid until the parser is
/// asked again, and until the input is given back. Whether they are UTF-8 is for the reader of the data to check.
/// </summary>
public readonly struct SseEvent
{
    /// <summary>The data; several data lines are joined by line feeds. Empty in events that only set an id or a delay.</summary>
    public ReadOnlySequence<byte> Data { get; internal init; }

    /// <summary>The event's name; empty means <c>message</c>.</summary>
    public ReadOnlySequence<byte> Name { get; internal init; }

    /// <summary>Whether the event sets the last event id, if only to nothing.</summary>
    public bool HasId { get; internal init; }

    /// <summary>The last event id it sets.</summary>
    public ReadOnlySequence<byte> Id { get; internal init; }

    /// <summary>How long the server wants clients to wait before they open the stream again.</summary>
    public TimeSpan? Retry { get; internal init; }

    /// <summary>Whether it has data and no name other than <c>message</c>: what carries a JSON-RPC message.</summary>
    public bool IsMessage => !Data.IsEmpty && (Name.IsEmpty || NameIs("message"u8));

    /// <summary>Whether its name is this one.</summary>
    public bool NameIs(ReadOnlySpan<byte> name)
    {
        if (Name.Length != name.Length)
        {
            return false;
        }

        foreach (var segment in Name)
        {
            if (!name.StartsWith(segment.Span))
            {
                return false;
            }

            name = name[segment.Length..];
        }

        return true;
    }

    /// <summary>The last event id it sets, as text; null if it sets none.</summary>
    public string? IdText() => HasId ? Encoding.UTF8.GetString(Id) : null;
}

/// <summary>What a parser made of its input.</summary>
public enum SseRead : byte
{
    /// <summary>There is no whole event yet.</summary>
    NeedMore,

    /// <summary>One event.</summary>
    Event,

    /// <summary>An event, or a comment, is longer than the limit. The stream cannot be read on: nothing says where the next event starts.</summary>
    TooLarge,
}
