using System.Security.Cryptography;
using System.Text;

namespace McpActors.Core.Security.Keys;

/// <summary>What a key may be used for. None includes another.</summary>
[Flags]
public enum KeyScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Look at state on the management listener.</summary>
    Read = 1,

    /// <summary>Use MCP servers: everything on the front listener, and calls over the management one.</summary>
    Call = 2,

    /// <summary>Change state on the management listener, keys included.</summary>
    Operate = 4,

    /// <summary>Everything.</summary>
    All = Read | Call | Operate,
}

/// <summary>
/// SHA-256 of a key. A slow hash defends secrets that people choose; of 256 random bits nobody tries all, so a fast one is right, and no caller can
/// keep the node busy with wrong keys.
/// </summary>
public readonly record struct KeyHash
{
    /// <summary>Bytes of a hash.</summary>
    public const int Length = 32;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>Takes the bytes of a hash.</summary>
    public KeyHash(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Length);
        _high = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    /// <summary>The hash of a key as its holder sends it.</summary>
    public static KeyHash Of(ReadOnlySpan<char> key)
    {
        Span<byte> text = stackalloc byte[KeyText.Longest * 3];
        var written = Encoding.UTF8.GetBytes(key[..Math.Min(key.Length, KeyText.Longest)], text);
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(text[..written], hash);
        return new KeyHash(hash);
    }

    /// <summary>The bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, _high);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), _low);
        return bytes;
    }

    /// <summary>Whether both are the same, in a time that does not tell where they differ.</summary>
    public bool Matches(KeyHash other) => ((_high ^ other._high) | (_low ^ other._low)) == UInt128.Zero;
}

/// <summary>The text of a key: <c>mcpa_</c> and 256 random bits in base64url. The prefix lets scanners find leaked keys.</summary>
public static class KeyText
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "mcpa_";

    /// <summary>Characters of a key.</summary>
    public const int Length = 48;

    /// <summary>Characters that are hashed at most: more is no key.</summary>
    public const int Longest = 128;

    private const int SecretBytes = 32;

    /// <summary>The key of 32 random bytes.</summary>
    public static string Write(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, SecretBytes);
        return Prefix + System.Buffers.Text.Base64Url.EncodeToString(random);
    }

    /// <summary>Whether a text has the form of a key, and so its 256 bits.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Prefix) && System.Buffers.Text.Base64Url.IsValid(text[Prefix.Length..]);
}

/// <summary>A key as it is kept: never its text.</summary>
/// <param name="Id">Names it in lists, logs and orders; no secret.</param>
/// <param name="Name">Who or what uses it, for people.</param>
/// <param name="Hash">SHA-256 of its text.</param>
/// <param name="Scopes">What it may be used for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="ExpiresAt">When it ends by itself; null: never.</param>
public sealed record ApiKey(
    string Id, string Name, KeyHash Hash, KeyScopes Scopes, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt)
{
    /// <summary>Whether it still counts.</summary>
    public bool IsValid(DateTimeOffset now) => ExpiresAt is not { } end || now < end;
}
