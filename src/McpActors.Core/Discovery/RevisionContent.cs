using System.IO.Compression;
using System.Security.Cryptography;

namespace McpActors.Core.Discovery;

/// <summary>The cluster part of a configuration file as it is journalled and sent: canonical JSON, references unresolved, packed.</summary>
/// <param name="Hash">Hash of the canonical JSON: 32 hexadecimal digits. Empty: there is no file.</param>
/// <param name="Packed">The canonical JSON, packed; packing it again may give other bytes.</param>
public sealed record RevisionContent(string Hash, ReadOnlyMemory<byte> Packed)
{
    private const int HashBytes = 16;

    /// <summary>Longest content unpacked, bytes: what a file may have.</summary>
    private const int MaxUnpacked = 64 << 20;

    /// <summary>No file.</summary>
    public static RevisionContent None { get; } = new("", ReadOnlyMemory<byte>.Empty);

    /// <summary>Packs canonical JSON.</summary>
    public static RevisionContent Pack(ReadOnlySpan<byte> canonical)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            brotli.Write(canonical);
        return new RevisionContent(HashOf(canonical), packed.ToArray());
    }

    /// <summary>The canonical JSON.</summary>
    /// <exception cref="InvalidDataException">It is damaged: no packed content, too large, or not what the hash says.</exception>
    public byte[] Unpack()
    {
        using var unpacked = new MemoryStream();
        using var brotli = new BrotliStream(new MemoryStream(Packed.ToArray(), writable: false), CompressionMode.Decompress);
        var buffer = new byte[1 << 16];
        try
        {
            for (var read = brotli.Read(buffer); read > 0; read = brotli.Read(buffer))
            {
                unpacked.Write(buffer, 0, read);
                if (unpacked.Length > MaxUnpacked)
                    throw new InvalidDataException("the content of the revision is too large");
            }
        }
        catch (InvalidOperationException fault)
        {
            throw new InvalidDataException("the content of the revision is damaged", fault);
        }

        var canonical = unpacked.ToArray();
        return HashOf(canonical) == Hash ? canonical : throw new InvalidDataException("the content of the revision is not what its hash says");
    }

    private static string HashOf(ReadOnlySpan<byte> canonical) => Convert.ToHexStringLower(SHA256.HashData(canonical).AsSpan(0, HashBytes));
}
