using System.Buffers;

namespace McpActors.Core.Tests.Protocol;

/// <summary>Bytes laid over several segments, as a pipe lays them.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    private Pieces(ReadOnlyMemory<byte> memory, long before)
    {
        Memory = memory;
        RunningIndex = before;
    }

    /// <summary>The bytes cut after each of the sizes, which are repeated; a size of 0 makes an empty segment.</summary>
    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, params int[] sizes)
    {
        if (sizes.Sum() == 0)
        {
            return new ReadOnlySequence<byte>(bytes);
        }

        Pieces? first = null, last = null;
        var at = 0;
        for (var i = 0; at < bytes.Length || first is null; i++)
        {
            var size = Math.Min(sizes[i % sizes.Length], bytes.Length - at);
            var next = new Pieces(bytes.Slice(at, size), at);
            if (last is not null)
            {
                last.Next = next;
            }

            first ??= next;
            last = next;
            at += size;
        }

        return new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }
}
