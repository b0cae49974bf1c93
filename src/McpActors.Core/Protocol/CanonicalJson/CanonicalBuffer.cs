using System.Buffers;
using System.Text.Json;

namespace McpActors.Core.Protocol.CanonicalJson;

/// <summary>
/// Writes values one after the other, and puts the members of each object in order once the object is complete; an object whose members
/// came in order is not touched again.
/// </summary>
internal sealed class CanonicalBuffer : IDisposable
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(code => (byte)code), (byte)'"', (byte)'\\']);

    private readonly List<Member> _members = [];
    private Bytes _written;
    private Bytes _names;
    private Bytes _spare;

    internal ReadOnlySpan<byte> Written => _written.Span;

    /// <summary>Writes the value whose first token was read.</summary>
    /// <returns>False when an object has a member twice.</returns>
    internal bool Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(ref reader);
            case JsonTokenType.StartArray:
                return Array(ref reader);
            case JsonTokenType.String:
                Text(ref reader);
                return true;
            default:
                Raw(ref reader);
                return true;
        }
    }

    public void Dispose()
    {
        _written.Return();
        _names.Return();
        _spare.Return();
    }

    private bool Array(ref Utf8JsonReader reader)
    {
        _written.Append((byte)'[');
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            if (!first)
            {
                _written.Append((byte)',');
            }

            if (!Value(ref reader))
            {
                return false;
            }
        }

        _written.Append((byte)']');
        return true;
    }

    private bool Object(ref Utf8JsonReader reader)
    {
        _written.Append((byte)'{');
        int first = _members.Count, start = _written.Length, names = _names.Length;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_members.Count > first)
            {
                _written.Append((byte)',');
            }

            int name = _names.Length, member = _written.Length;
            Unescape(ref reader, ref _names);
            var nameLength = _names.Length - name;
            Quote(_names.Span[name..]);
            _written.Append((byte)':');
            reader.Read();
            if (!Value(ref reader))
            {
                return false;
            }

            _members.Add(new Member(name, nameLength, member, _written.Length - member));
        }

        if (!IsInOrder(first) && !Sort(first, start))
        {
            return false;
        }

        _members.RemoveRange(first, _members.Count - first);
        _names.Length = names;
        _written.Append((byte)'}');
        return true;
    }

    private bool IsInOrder(int first)
    {
        for (var i = first + 1; i < _members.Count; i++)
        {
            if (Compare(_members[i - 1], _members[i]) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    // Writes the members from `start` on again; false when a name is there twice.
    private bool Sort(int first, int start)
    {
        _members.Sort(first, _members.Count - first, Comparer<Member>.Create(Compare));
        _spare.Length = 0;
        for (var i = first; i < _members.Count; i++)
        {
            if (i > first)
            {
                if (Compare(_members[i - 1], _members[i]) == 0)
                {
                    return false;
                }

                _spare.Append((byte)',');
            }

            _spare.Append(_written.Span.Slice(_members[i].Start, _members[i].Length));
        }

        _written.Length = start;
        _written.Append(_spare.Span);
        return true;
    }

    private int Compare(Member left, Member right) => NameOf(left).SequenceCompareTo(NameOf(right));

    private ReadOnlySpan<byte> NameOf(Member member) => _names.Span.Slice(member.Name, member.NameLength);

    private void Text(ref Utf8JsonReader reader)
    {
        var start = _names.Length;
        Unescape(ref reader, ref _names);
        Quote(_names.Span[start..]);
        _names.Length = start;
    }

    private static void Unescape(ref Utf8JsonReader reader, ref Bytes target)
    {
        var length = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
        target.Length += reader.CopyString(target.Free(length));
    }

    private void Raw(ref Utf8JsonReader reader)
    {
        if (!reader.HasValueSequence)
        {
            _written.Append(reader.ValueSpan);
            return;
        }

        foreach (var segment in reader.ValueSequence)
        {
            _written.Append(segment.Span);
        }
    }

    private void Quote(ReadOnlySpan<byte> text)
    {
        _written.Append((byte)'"');
        while (!text.IsEmpty)
        {
            var plain = IndexOfEscaped(text);
            _written.Append(text[..plain]);
            if (plain < text.Length)
            {
                Escape(text[plain]);
                plain++;
            }

            text = text[plain..];
        }

        _written.Append((byte)'"');
    }

    private static int IndexOfEscaped(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOfAny(Escaped);
        return at < 0 ? text.Length : at;
    }

    private void Escape(byte character)
    {
        var letter = character switch
        {
            (byte)'"' or (byte)'\\' => character,
            (byte)'\b' => (byte)'b',
            (byte)'\t' => (byte)'t',
            (byte)'\n' => (byte)'n',
            (byte)'\f' => (byte)'f',
            (byte)'\r' => (byte)'r',
            _ => (byte)'u',
        };
        _written.Append((byte)'\\');
        _written.Append(letter);
        if (letter == (byte)'u')
        {
            _written.Append("00"u8);
            _written.Append((byte)('0' + (character >> 4)));
            _written.Append("0123456789abcdef"u8[character & 0xF]);
        }
    }

    private readonly record struct Member(int Name, int NameLength, int Start, int Length);

    /// <summary>A pooled array that grows.</summary>
    private struct Bytes
    {
        private byte[]? _array;

        public int Length { get; set; }

        public readonly ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

        public void Append(byte value)
        {
            Free(1)[0] = value;
            Length++;
        }

        public void Append(ReadOnlySpan<byte> values)
        {
            values.CopyTo(Free(values.Length));
            Length += values.Length;
        }

        /// <summary>At least so many bytes behind what is written.</summary>
        public Span<byte> Free(int count)
        {
            if (_array is null || _array.Length - Length < count)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(256, checked(Math.Max(Length * 2, Length + count))));
                Span.CopyTo(larger);
                Return();
                _array = larger;
            }

            return _array.AsSpan(Length);
        }

        /// <summary>Gives the array back; cleared, for arguments may be secrets.</summary>
        public void Return()
        {
            if (_array is not null)
            {
                ArrayPool<byte>.Shared.Return(_array, clearArray: true);
                _array = null;
            }
        }
    }
}
