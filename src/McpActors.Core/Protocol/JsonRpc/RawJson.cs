using System.Buffers;
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
        return bytes.IsSingleSegment ? new Utf8JsonReader(bytes.FirstSpan) : new Utf8JsonReader(bytes);
    }
}
