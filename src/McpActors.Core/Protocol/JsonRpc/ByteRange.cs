using System.Buffers;
using System.Globalization;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>A stretch of a scanned message, in bytes from its start.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">Number of bytes; 0 means that the member is absent, for no JSON value is empty.</param>
public readonly record struct ByteRange(int Start, int Length)
{
    /// <summary>The member is absent.</summary>
    public static ByteRange None => default;

    /// <summary>Whether the member is absent.</summary>
    public bool IsNone => Length == 0;

    /// <summary>The byte after the last.</summary>
    public int End => Start + Length;

    /// <summary>The bytes themselves.</summary>
    public ReadOnlySequence<byte> In(in ReadOnlySequence<byte> body) => body.Slice(Start, Length);

    /// <summary>The bytes themselves.</summary>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> body) => body.Slice(Start, Length);

    /// <inheritdoc />
    public override string ToString() => IsNone ? "none" : string.Create(CultureInfo.InvariantCulture, $"[{Start}..{End})");
}
