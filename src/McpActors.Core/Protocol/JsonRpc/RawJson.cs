using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>Decodes single raw values of a scanned message.</summary>
public static class RawJson
{
    /// <summary>A string, unescaped; null when the range is empty, holds no string, or half a surrogate pair.</summary>
    public static string? Text(in ReadOnlySequence<byte> body, ByteRange range)
    {
        if (range.IsNone)
        {
            return null;
        }

        var reader = Reader(body, range);
        if (!reader.Read() || reader.TokenType != JsonTokenType.String)
        {
            return null;
        }

        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>An integer; null when the range is empty, holds no integer, or one that does not fit.</summary>
    public static long? Integer(in ReadOnlySequence<byte> body, ByteRange range)
    {
        if (range.IsNone)
        {
            return null;
        }

        var reader = Reader(body, range);
        return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : null;
    }

    /// <summary>Whether a raw value is a string equal to <paramref name="text"/>.</summary>
    public static bool TextEquals(in ReadOnlySequence<byte> body, ByteRange range, ReadOnlySpan<byte> text)
    {
        if (range.IsNone)
        {
            return false;
        }

        var reader = Reader(body, range);
        return reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(text);
    }

    /// <summary>The first byte of a raw value, which tells its type; 0 when the range is empty.</summary>
    public static byte FirstByte(in ReadOnlySequence<byte> body, ByteRange range)
    {
        foreach (var segment in range.In(body))
        {
            if (!segment.IsEmpty)
            {
                return segment.Span[0];
            }
        }

        return 0;
    }

    /// <summary>Whether a raw value is an object.</summary>
    public static bool IsObject(in ReadOnlySequence<byte> body, ByteRange range) => FirstByte(body, range) == (byte)'{';

    /// <summary>Whether a raw object has no members.</summary>
    public static bool IsEmptyObject(in ReadOnlySequence<byte> body, ByteRange range)
    {
        foreach (var segment in new ByteRange(range.Start + 1, range.Length - 1).In(body))
        {
            foreach (var letter in segment.Span)
            {
                if (letter is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                {
                    return letter == (byte)'}';
                }
            }
        }

        return true;
    }

    /// <summary>Where the value of a member of a raw object is, in bytes of the body; <see cref="ByteRange.None"/> if there is none.</summary>
    public static ByteRange Member(in ReadOnlySequence<byte> body, ByteRange range, ReadOnlySpan<byte> name)
    {
        if (!IsObject(body, range))
        {
            return ByteRange.None;
        }

        var reader = Reader(body, range);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found)
            {
                return new ByteRange(range.Start + start, (int)reader.BytesConsumed - start);
            }
        }

        return ByteRange.None;
    }

    /// <summary>A text as a raw JSON string.</summary>
    public static byte[] Quote(string text) => [.. "\""u8, .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, .. "\""u8];

    /// <summary>Whether two raw values of two messages are the same bytes.</summary>
    public static bool SameBytes(in ReadOnlySequence<byte> body, ByteRange range, ReadOnlySpan<byte> other)
    {
        if (range.Length != other.Length)
        {
            return false;
        }

        foreach (var segment in range.In(body))
        {
            if (!other.StartsWith(segment.Span))
            {
                return false;
            }

            other = other[segment.Length..];
        }

        return true;
    }

    private static Utf8JsonReader Reader(in ReadOnlySequence<byte> body, ByteRange range)
    {
        var bytes = range.In(body);
        var options = new JsonReaderOptions { MaxDepth = 1001 };
        return bytes.IsSingleSegment ? new Utf8JsonReader(bytes.FirstSpan, options) : new Utf8JsonReader(bytes, options);
    }
}
