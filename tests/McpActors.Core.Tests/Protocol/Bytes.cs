using System.Buffers;
using System.Text;

namespace McpActors.Core.Tests.Protocol;

/// <summary>Turns text into the byte sequences that the protocol code reads, in one piece or in many.</summary>
internal static class Bytes
{
    internal static ReadOnlySequence<byte> Of(string text) => new(Encoding.UTF8.GetBytes(text));

    internal static string Text(ReadOnlySequence<byte> bytes) => Encoding.UTF8.GetString(bytes.ToArray());

    /// <summary>The same bytes in pieces of random length, some of them empty.</summary>
    internal static ReadOnlySequence<byte> InPieces(byte[] bytes, Random random, int longest = 7)
    {
        var first = new Piece(ReadOnlyMemory<byte>.Empty);
        var last = first;
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(random.Next(0, longest + 1), bytes.Length - at);
            last = last.Append(bytes.AsMemory(at, length));
            at += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        internal Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        internal Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
