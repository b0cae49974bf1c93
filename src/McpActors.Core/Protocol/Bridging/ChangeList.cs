using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Core.Protocol.Bridging;

/// <summary>A short list of member changes on the stack.</summary>
internal ref struct ChangeList
{
    private const int Most = 16;
    private Slots _slots;
    private int _count;

    internal readonly bool IsEmpty => _count == 0;

    /// <summary>Whether one of them takes a member out or replaces one, so that the object has to be read.</summary>
    internal bool NeedsReading { get; private set; }

    [UnscopedRef]
    internal readonly ReadOnlySpan<MemberChange> Span => ((ReadOnlySpan<MemberChange>)_slots)[.._count];

    /// <summary>A value for a member that is absent.</summary>
    internal void Add(string name, ReadOnlyMemory<byte> value) => _slots[_count++] = MemberChange.Set(name, value);

    /// <summary>A value for a member, wherever it is.</summary>
    internal void Set(string name, ReadOnlyMemory<byte> value, ByteRange present)
    {
        Add(name, value);
        NeedsReading |= !present.IsNone;
    }

    /// <summary>Takes a member out if it is there.</summary>
    internal void Remove(string name, ByteRange present)
    {
        if (!present.IsNone)
        {
            _slots[_count++] = MemberChange.Remove(name);
            NeedsReading = true;
        }
    }

    internal void RemovePrefix(string prefix)
    {
        _slots[_count++] = MemberChange.RemovePrefix(prefix);
        NeedsReading = true;
    }

    [InlineArray(Most)]
    private struct Slots
    {
        [SuppressMessage("CodeQuality", "IDE0051", Justification = "The element of the inline array.")]
        private MemberChange _first;
    }
}
