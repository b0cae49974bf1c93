using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>A rule of the gateway that valid JSON breaks. Never leaves the scanner.</summary>
internal sealed class JsonRuleException(string rule, int position) : Exception(rule)
{
    internal int Position { get; } = position;
}

/// <summary>
/// Reads JSON token by token and holds the rules that make a message mean the same to every parser: no duplicate members, no NUL in
/// names, bounded depth and number of members. The bytes must be valid UTF-8 already.
/// </summary>
internal ref struct StrictReader
{
    private const int NameShown = 48;
    private readonly JsonLimits _limits;
    private readonly ScanScratch _scratch;
    private Utf8JsonReader _json;
    private int _members;

    internal StrictReader(in ReadOnlySequence<byte> body, JsonLimits limits)
    {
        // One level more than allowed, so that the limit is found here and named, not by the JSON reader.
        var options = new JsonReaderOptions { MaxDepth = limits.Depth + 1, CommentHandling = JsonCommentHandling.Disallow };
        _json = body.IsSingleSegment ? new Utf8JsonReader(body.FirstSpan, options) : new Utf8JsonReader(body, options);
        _limits = limits;
        _scratch = ScanScratch.Start();
    }

    internal readonly JsonTokenType Token => _json.TokenType;

    /// <summary>Where the current token starts.</summary>
    internal readonly int Position => (int)_json.TokenStartIndex;

    /// <summary>How far the reader has come.</summary>
    internal readonly int Consumed => (int)_json.BytesConsumed;

    /// <summary>Whether there is another token.</summary>
    internal bool Read() => _json.Read();

    /// <summary>Begins the object whose first token was read.</summary>
    internal readonly void Enter()
    {
        CheckDepth();
        _scratch.Enter();
    }

    /// <summary>Goes to the next member of the innermost object: <paramref name="name"/> is its unescaped name, the current token its value.</summary>
    /// <returns>False at the end of the object.</returns>
    internal bool NextMember(out ReadOnlySpan<byte> name)
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            _scratch.Leave();
            name = default;
            return false;
        }

        name = Member();
        _json.Read();
        return true;
    }

    /// <summary>Reads over the current value, whatever it holds.</summary>
    internal ByteRange Skip()
    {
        var start = Position;
        if (_json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            SkipNested();
        }

        return new ByteRange(start, Consumed - start);
    }

    internal readonly bool ValueIs(ReadOnlySpan<byte> text) => _json.TokenType == JsonTokenType.String && _json.ValueTextEquals(text);

    internal readonly bool TryGetInt32(out int value)
    {
        value = 0;
        return _json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out value);
    }

    /// <summary>Whether the current token is a number without fraction and exponent; its value if it fits.</summary>
    internal readonly bool IsInteger(out long value)
    {
        value = 0;
        if (_json.TokenType != JsonTokenType.Number)
        {
            return false;
        }

        var integer = _json.HasValueSequence ? IsInteger(_json.ValueSequence) : _json.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;
        if (integer)
        {
            _json.TryGetInt64(out value);
        }

        return integer;
    }

    /// <summary>The current string value, if it is at most as long as the buffer; unescaped.</summary>
    internal readonly ReadOnlySpan<byte> ShortString(Span<byte> buffer)
    {
        var length = _json.HasValueSequence ? _json.ValueSequence.Length : _json.ValueSpan.Length;
        return length <= buffer.Length ? buffer[..Unescape(buffer)] : default;
    }

    internal readonly JsonRuleException Broken(string rule) => new(rule, Position);

    /// <summary>A member name as a message may show it: short, printable.</summary>
    internal static string Shown(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder();
        foreach (var rune in Encoding.UTF8.GetString(name.Length > NameShown ? name[..NameShown] : name).EnumerateRunes())
        {
            text.Append(Rune.IsControl(rune) || rune == Rune.ReplacementChar ? "?" : rune.ToString());
        }

        return name.Length > NameShown ? text.Append('…').ToString() : text.ToString();
    }

    private void SkipNested()
    {
        var depth = _json.CurrentDepth;
        Begin();
        do
        {
            _json.Read();
            switch (_json.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Begin();
                    break;
                case JsonTokenType.PropertyName:
                    Member();
                    break;
                case JsonTokenType.EndObject:
                    _scratch.Leave();
                    break;
            }
        }
        while (_json.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray) || _json.CurrentDepth > depth);
    }

    private readonly void Begin()
    {
        CheckDepth();
        if (_json.TokenType == JsonTokenType.StartObject)
        {
            _scratch.Enter();
        }
    }

    private readonly void CheckDepth()
    {
        if (_json.CurrentDepth >= _limits.Depth)
        {
            throw Broken(string.Create(CultureInfo.InvariantCulture, $"nested deeper than {_limits.Depth}"));
        }
    }

    private ReadOnlySpan<byte> Member()
    {
        if (++_members > _limits.Members)
        {
            throw Broken(string.Create(CultureInfo.InvariantCulture, $"more than {_limits.Members} members"));
        }

        var name = _json.ValueIsEscaped || _json.HasValueSequence ? CopiedName() : _json.ValueSpan;
        if (_json.CurrentDepth <= _limits.DuplicatesCheckedTo && !_scratch.Add(name))
        {
            throw Broken($"duplicate member \"{Shown(name)}\"");
        }

        return name;
    }

    private readonly ReadOnlySpan<byte> CopiedName()
    {
        _scratch.EnsureName(_json.HasValueSequence ? (int)_json.ValueSequence.Length : _json.ValueSpan.Length);
        var name = _scratch.Name.AsSpan(0, Unescape(_scratch.Name));
        return name.Contains((byte)0) ? throw Broken("NUL in a member name") : name;
    }

    private readonly int Unescape(Span<byte> target)
    {
        try
        {
            return _json.CopyString(target);
        }
        catch (InvalidOperationException)
        {
            throw Broken("half a surrogate pair in a string that must be read");
        }
    }

    private static bool IsInteger(in ReadOnlySequence<byte> number)
    {
        foreach (var segment in number)
        {
            if (segment.Span.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
