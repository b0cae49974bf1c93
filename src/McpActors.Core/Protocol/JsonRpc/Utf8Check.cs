using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>Whether bytes are UTF-8. The JSON reader looks only at the strings it is asked for, but all bytes are forwarded.</summary>
internal static class Utf8Check
{
    private const int LongestRune = 4;

    /// <summary>The first byte that is no UTF-8; -1 if all are.</summary>
    internal static int FirstInvalid(in ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
        {
            return Utf8.IsValid(body.FirstSpan) ? -1 : Locate(body.FirstSpan);
        }

        Span<byte> carry = stackalloc byte[LongestRune];
        int carried = 0, offset = 0;
        foreach (var segment in body)
        {
            var rest = segment.Span;
            while (carried > 0 && !rest.IsEmpty)
            {
                carry[carried++] = rest[0];
                rest = rest[1..];
                var status = Rune.DecodeFromUtf8(carry[..carried], out _, out _);
                if (status == OperationStatus.InvalidData)
                {
                    return offset + segment.Length - rest.Length - carried;
                }

                carried = status == OperationStatus.Done ? 0 : carried;
            }

            var tail = UnfinishedTail(rest);
            if (!Utf8.IsValid(rest[..^tail]))
            {
                return offset + segment.Length - rest.Length + Locate(rest);
            }

            if (tail > 0)
            {
                rest[^tail..].CopyTo(carry);
                carried = tail;
            }

            offset += segment.Length;
        }

        return carried == 0 ? -1 : offset - carried;
    }

    // How many bytes at the end begin a rune that the next segment may complete.
    private static int UnfinishedTail(ReadOnlySpan<byte> span)
    {
        for (var length = 1; length < LongestRune && length <= span.Length; length++)
        {
            if ((span[^length] & 0xC0) != 0x80)
            {
                return Rune.DecodeFromUtf8(span[^length..], out _, out _) == OperationStatus.NeedMoreData ? length : 0;
            }
        }

        return 0;
    }

    private static int Locate(ReadOnlySpan<byte> span)
    {
        var at = 0;
        while (at < span.Length && Rune.DecodeFromUtf8(span[at..], out _, out var size) == OperationStatus.Done)
        {
            at += size;
        }

        return at;
    }
}
