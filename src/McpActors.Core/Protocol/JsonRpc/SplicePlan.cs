using System.Buffers;
using System.Buffers.Text;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>
/// Changes to a message: stretches to replace, in order of their place. Everything else is copied as it is. A plan may be written
/// more than once (a retry sends the same bytes); the small replacements live in pooled memory until <see cref="Dispose"/>.
/// </summary>
public sealed class SplicePlan : IDisposable
{
    private const int UsualEdits = 8;
    private const int UsualScratch = 256;
    private Edit[] _edits = [];
    private byte[] _scratch = [];
    private int _count;
    private int _used;

    /// <summary>Whether nothing changes.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Number of changes.</summary>
    public int Count => _count;

    /// <summary>Replaces a stretch; the bytes are copied. An empty stretch inserts, empty bytes remove.</summary>
    public void Replace(ByteRange range, ReadOnlySpan<byte> with)
    {
        with.CopyTo(Reserve(with.Length));
        Add(new Edit(range, _used, with.Length, default));
        _used += with.Length;
    }

    /// <summary>Replaces a stretch by bytes that stay as they are as long as the plan lives.</summary>
    public void ReplaceWith(ByteRange range, ReadOnlyMemory<byte> with) => Add(new Edit(range, 0, with.Length, with));

    /// <summary>Replaces a stretch, such as an id, by an integer.</summary>
    public void Replace(ByteRange range, long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out var length);
        Replace(range, digits[..length]);
    }

    /// <summary>Inserts before a byte; several insertions at one place stay in the order they were made.</summary>
    public void Insert(int at, ReadOnlySpan<byte> bytes) => Replace(new ByteRange(at, 0), bytes);

    /// <summary>Takes a stretch out.</summary>
    public void Remove(ByteRange range) => Add(new Edit(range, 0, 0, default));

    /// <summary>How long the changed message is.</summary>
    public long OutputLength(long bodyLength)
    {
        foreach (ref readonly var edit in _edits.AsSpan(0, _count))
        {
            bodyLength += edit.NewLength - edit.Range.Length;
        }

        return bodyLength;
    }

    /// <summary>Writes the changed message.</summary>
    public void WriteTo(in ReadOnlySequence<byte> body, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var rest = body;
        var at = 0;
        foreach (ref readonly var edit in _edits.AsSpan(0, _count))
        {
            Copy(rest.Slice(0, edit.Range.Start - at), writer);
            writer.Write(NewBytes(edit).Span);
            rest = rest.Slice(edit.Range.End - at);
            at = edit.Range.End;
        }

        Copy(rest, writer);
    }

    /// <summary>Writes the changed message to a stream, stretch by stretch, without a copy of the whole.</summary>
    public async ValueTask WriteToAsync(ReadOnlySequence<byte> body, Stream stream, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var at = 0;
        for (var i = 0; i < _count; i++)
        {
            var edit = _edits[i];
            await CopyAsync(body.Slice(at, edit.Range.Start - at), stream, ct);
            await stream.WriteAsync(NewBytes(edit), ct);
            at = edit.Range.End;
        }

        await CopyAsync(body.Slice(at), stream, ct);
    }

    /// <summary>The changed message in a buffer of its own.</summary>
    public PooledBuffer Apply(in ReadOnlySequence<byte> body)
    {
        var changed = new PooledBuffer();
        WriteTo(body, changed);
        return changed;
    }

    /// <summary>Forgets all changes; the plan may be filled again.</summary>
    public void Clear()
    {
        _edits.AsSpan(0, _count).Clear();
        _count = 0;
        _used = 0;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Clear();
        Return(ArrayPool<Edit>.Shared, ref _edits);
        Return(ArrayPool<byte>.Shared, ref _scratch);
    }

    private static void Return<T>(ArrayPool<T> pool, ref T[] array)
    {
        if (array.Length > 0)
        {
            pool.Return(array);
            array = [];
        }
    }

    private static void Copy(in ReadOnlySequence<byte> bytes, IBufferWriter<byte> writer)
    {
        foreach (var segment in bytes)
        {
            writer.Write(segment.Span);
        }
    }

    private static async ValueTask CopyAsync(ReadOnlySequence<byte> bytes, Stream stream, CancellationToken ct)
    {
        foreach (var segment in bytes)
        {
            if (!segment.IsEmpty)
            {
                await stream.WriteAsync(segment, ct);
            }
        }
    }

    private ReadOnlyMemory<byte> NewBytes(in Edit edit) =>
        edit.External.IsEmpty ? _scratch.AsMemory(edit.Offset, edit.NewLength) : edit.External;

    private void Add(Edit edit)
    {
        var at = _count;
        while (at > 0 && ComesBefore(edit.Range, _edits[at - 1].Range))
        {
            at--;
        }

        if ((at > 0 && _edits[at - 1].Range.End > edit.Range.Start) || (at < _count && edit.Range.End > _edits[at].Range.Start))
        {
            throw new ArgumentException($"The change of {edit.Range} overlaps another.", nameof(edit));
        }

        Grow(ArrayPool<Edit>.Shared, ref _edits, _count, _count + 1, UsualEdits);
        Array.Copy(_edits, at, _edits, at + 1, _count - at);
        _edits[at] = edit;
        _count++;
    }

    // At one place insertions come before the stretch that starts there.
    private static bool ComesBefore(ByteRange one, ByteRange other) =>
        one.Start < other.Start || (one.Start == other.Start && one.Length == 0 && other.Length > 0);

    private Span<byte> Reserve(int length)
    {
        Grow(ArrayPool<byte>.Shared, ref _scratch, _used, _used + length, UsualScratch);
        return _scratch.AsSpan(_used, length);
    }

    private static void Grow<T>(ArrayPool<T> pool, ref T[] array, int used, int needed, int usual)
    {
        if (needed <= array.Length)
        {
            return;
        }

        var larger = pool.Rent(Math.Max(needed, Math.Max(usual, array.Length * 2)));
        array.AsSpan(0, used).CopyTo(larger);
        Return(pool, ref array);
        array = larger;
    }

    private readonly record struct Edit(ByteRange Range, int Offset, int NewLength, ReadOnlyMemory<byte> External);
}
