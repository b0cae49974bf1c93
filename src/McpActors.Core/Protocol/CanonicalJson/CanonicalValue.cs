using System.Buffers;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Core.Protocol.CanonicalJson;

/// <summary>
/// One form for JSON values that mean the same: members sorted by name (bytes of its UTF-8), no blanks, strings with the fewest escapes.
/// Numbers keep their text: 1 and 1.0 stay apart, as some tools keep them apart. Dispose it to give its buffer back.
/// </summary>
public sealed class CanonicalValue : IDisposable
{
    private readonly CanonicalBuffer _buffer = new();

    private CanonicalValue()
    {
    }

    /// <summary>The canonical bytes; themselves JSON.</summary>
    public ReadOnlySpan<byte> Span => _buffer.Written;

    /// <summary>The canonical form of a value.</summary>
    /// <param name="json">The value alone.</param>
    /// <param name="maxDepth">Most nesting of objects and arrays, 1 to 1000. Default 64.</param>
    /// <returns>Null when there is none: nested too deep, no JSON, a member twice in an object, or half a surrogate pair.</returns>
    public static CanonicalValue? Of(in ReadOnlySequence<byte> json, int maxDepth = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDepth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDepth, 1000);
        var value = new CanonicalValue();
        var options = new JsonReaderOptions { MaxDepth = maxDepth };
        var reader = json.IsSingleSegment ? new Utf8JsonReader(json.FirstSpan, options) : new Utf8JsonReader(json, options);
        try
        {
            if (reader.Read() && value._buffer.Value(ref reader) && !reader.Read())
            {
                return value;
            }
        }
        catch (JsonException)
        {
            // Too deep, or no JSON.
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are no UTF-8: a string without text.
        }

        value.Dispose();
        return null;
    }

    /// <summary>The canonical form of a value inside a message.</summary>
    public static CanonicalValue? Of(in ReadOnlySequence<byte> body, ByteRange range, int maxDepth = 64) => Of(range.In(body), maxDepth);

    /// <summary>Writes the canonical form of a value; nothing when there is none.</summary>
    public static bool TryWrite(in ReadOnlySequence<byte> json, IBufferWriter<byte> target, int maxDepth = 64)
    {
        using var value = Of(json, maxDepth);
        if (value is null)
        {
            return false;
        }

        target.Write(value.Span);
        return true;
    }

    /// <inheritdoc />
    public void Dispose() => _buffer.Dispose();
}
