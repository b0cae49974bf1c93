using System.Buffers;
using System.Text;
using System.Text.Json;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>What happens to a member of an object.</summary>
public enum MemberChangeKind : byte
{
    /// <summary>It gets the value, whether it was there or not.</summary>
    Set,

    /// <summary>It gets the value if it was not there.</summary>
    Default,

    /// <summary>It is taken out.</summary>
    Remove,

    /// <summary>Every member whose name starts so is taken out.</summary>
    RemovePrefix,
}

/// <summary>A change to a member of an object.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Name">Its name: at most 128 bytes, no escapes needed.</param>
/// <param name="Value">Its new value, raw JSON.</param>
public readonly record struct MemberChange(MemberChangeKind Kind, string Name, ReadOnlyMemory<byte> Value)
{
    /// <summary>Gives a member a value.</summary>
    public static MemberChange Set(string name, ReadOnlyMemory<byte> value) => new(MemberChangeKind.Set, name, value);

    /// <summary>Gives a member a value if it is absent.</summary>
    public static MemberChange Default(string name, ReadOnlyMemory<byte> value) => new(MemberChangeKind.Default, name, value);

    /// <summary>Takes a member out.</summary>
    public static MemberChange Remove(string name) => new(MemberChangeKind.Remove, name, default);

    /// <summary>Takes all members out whose names start so.</summary>
    public static MemberChange RemovePrefix(string prefix) => new(MemberChangeKind.RemovePrefix, prefix, default);
}

/// <summary>Plans changes to the members of one object without touching the bytes of the others. At most 32 changes at once, one call for each object.</summary>
public static class MemberEditor
{
    private const int MostChanges = 32;
    private const int LongestName = 128;

    /// <summary>Adds the changes of an object's members to a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="body">The message.</param>
    /// <param name="target">The object in it.</param>
    /// <param name="changes">What to change; names must differ.</param>
    public static void Apply(SplicePlan plan, in ReadOnlySequence<byte> body, ByteRange target, params ReadOnlySpan<MemberChange> changes)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(changes.Length, MostChanges);
        if (changes.IsEmpty)
        {
            return;
        }

        var bytes = target.In(body);
        var options = new JsonReaderOptions { MaxDepth = 1001 };
        var json = bytes.IsSingleSegment ? new Utf8JsonReader(bytes.FirstSpan, options) : new Utf8JsonReader(bytes, options);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            throw new ArgumentException("No object there.", nameof(target));
        }

        var walk = new Walk(plan, target.Start, changes.Length);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName && walk.Member(ref json, changes))
        {
        }

        walk.Finish(changes);
    }

    /// <summary>Adds members that the object is known not to have: it is not read again. Only sets and defaults count.</summary>
    public static void Insert(SplicePlan plan, in ReadOnlySequence<byte> body, ByteRange target, params ReadOnlySpan<MemberChange> changes)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var added = 0;
        foreach (ref readonly var change in changes)
        {
            if (change.Kind is MemberChangeKind.Set or MemberChangeKind.Default)
            {
                Add(plan, target.Start + 1, change, added++);
            }
        }

        if (added > 0 && !RawJson.IsEmptyObject(body, target))
        {
            plan.Insert(target.Start + 1, ","u8);
        }
    }

    /// <summary>Writes an object with all values that are set, where there was none.</summary>
    public static void WriteNew(IBufferWriter<byte> writer, params ReadOnlySpan<MemberChange> changes)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var separator = "{\""u8;
        foreach (ref readonly var change in changes)
        {
            if (change.Kind is MemberChangeKind.Set or MemberChangeKind.Default)
            {
                writer.Write(separator);
                Encoding.UTF8.GetBytes(change.Name, writer);
                writer.Write("\":"u8);
                writer.Write(change.Value.Span);
                separator = ",\""u8;
            }
        }

        writer.Write(separator[0] == (byte)'{' ? "{}"u8 : "}"u8);
    }

    private static void Add(SplicePlan plan, int at, in MemberChange change, int before)
    {
        Span<byte> name = stackalloc byte[LongestName + 4];
        name[0] = (byte)',';
        name[1] = (byte)'"';
        var length = 2 + Encoding.UTF8.GetBytes(change.Name, name[2..^2]);
        "\":"u8.CopyTo(name[length..]);
        plan.Insert(at, name[(before == 0 ? 1 : 0)..(length + 2)]);
        plan.ReplaceWith(new ByteRange(at, 0), change.Value);
    }

    /// <summary>One pass over the members: removes with the right comma, replaces values, remembers what is missing.</summary>
    private ref struct Walk(SplicePlan plan, int origin, int open)
    {
        private readonly int _inside = origin + 1;
        private uint _seen;
        private int _kept;
        private int _previousEnd;
        private int _openRemoval = -1;

        /// <summary>Takes the member whose name was read; false once nothing is left to find.</summary>
        internal bool Member(ref Utf8JsonReader json, scoped ReadOnlySpan<MemberChange> changes)
        {
            var start = origin + (int)json.TokenStartIndex;
            Close(start);
            if (open == 0)
            {
                _kept++;
                return false;
            }

            var change = Find(ref json, changes);
            json.Read();
            var value = origin + (int)json.TokenStartIndex;
            json.Skip();
            var end = origin + (int)json.BytesConsumed;
            if (change >= 0 && changes[change].Kind is MemberChangeKind.Remove or MemberChangeKind.RemovePrefix)
            {
                Drop(start, end);
            }
            else
            {
                _kept++;
                if (change >= 0 && changes[change].Kind == MemberChangeKind.Set)
                {
                    plan.ReplaceWith(new ByteRange(value, end - value), changes[change].Value);
                }
            }

            _previousEnd = end;
            return true;
        }

        internal void Finish(scoped ReadOnlySpan<MemberChange> changes)
        {
            Close(_previousEnd);
            var added = 0;
            for (var i = 0; i < changes.Length; i++)
            {
                if (changes[i].Kind is MemberChangeKind.Set or MemberChangeKind.Default && (_seen & (1u << i)) == 0)
                {
                    Add(plan, _inside, changes[i], added++);
                }
            }

            if (added > 0 && _kept > 0)
            {
                plan.Insert(_inside, ","u8);
            }
        }

        // A removed member takes the comma before it along; one without a kept member before it, the comma after it.
        private void Drop(int start, int end)
        {
            if (_kept > 0)
            {
                plan.Remove(new ByteRange(_previousEnd, end - _previousEnd));
            }
            else
            {
                _openRemoval = start;
            }
        }

        private void Close(int next)
        {
            if (_openRemoval >= 0)
            {
                plan.Remove(new ByteRange(_openRemoval, next - _openRemoval));
                _openRemoval = -1;
            }
        }

        private int Find(ref Utf8JsonReader json, scoped ReadOnlySpan<MemberChange> changes)
        {
            for (var i = 0; i < changes.Length; i++)
            {
                if (changes[i].Kind == MemberChangeKind.RemovePrefix
                    ? json.GetString()!.StartsWith(changes[i].Name, StringComparison.Ordinal)
                    : json.ValueTextEquals(changes[i].Name))
                {
                    // A prefix may come again; a name cannot.
                    open -= changes[i].Kind == MemberChangeKind.RemovePrefix ? 0 : 1;
                    _seen |= 1u << i;
                    return i;
                }
            }

            return -1;
        }
    }
}
