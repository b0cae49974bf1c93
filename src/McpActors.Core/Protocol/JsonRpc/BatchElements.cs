using System.Buffers;
using System.Text.Json;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>The elements of a JSON array, one range after the other. The array must be valid.</summary>
public ref struct BatchElements
{
    private Utf8JsonReader _json;

    internal BatchElements(in ReadOnlySequence<byte> array)
    {
        var options = new JsonReaderOptions { MaxDepth = 1001 };
        _json = array.IsSingleSegment ? new Utf8JsonReader(array.FirstSpan, options) : new Utf8JsonReader(array, options);
        _json.Read();
        Current = default;
    }

    /// <summary>The element's range in the array's bytes.</summary>
    public ByteRange Current { get; private set; }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly BatchElements GetEnumerator() => this;

    /// <summary>Goes to the next element.</summary>
    public bool MoveNext()
    {
        if (!_json.Read() || _json.TokenType == JsonTokenType.EndArray)
        {
            return false;
        }

        var start = (int)_json.TokenStartIndex;
        _json.Skip();
        Current = new ByteRange(start, (int)_json.BytesConsumed - start);
        return true;
    }

    internal static bool IsEmpty(in ReadOnlySequence<byte> array) => !new BatchElements(array).MoveNext();
}
