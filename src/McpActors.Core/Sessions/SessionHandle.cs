using System.Security.Cryptography;
using System.Text;

namespace McpActors.Core.Sessions;

/// <summary>
/// The name of a session for operators, lists and logs: whoever has a session's id can use the session, so the id itself is shown nowhere. 64 bits of its hash
/// tell sessions apart and lead nobody back to it.
/// </summary>
public static class SessionHandle
{
    /// <summary>Characters of a handle.</summary>
    public const int Length = 16;

    /// <summary>Characters of a name.</summary>
    public const int NameLength = 32;

    /// <summary>The handle of a session.</summary>
    public static string Of(string sessionId) => Digest(sessionId, Length);

    /// <summary>
    /// What a session is called inside the cluster: its actor, whose path gets into logs, and its history in the journal. 128 bits of the hash of its id; begins with its handle.
    /// </summary>
    public static string NameOf(string sessionId) => Digest(sessionId, NameLength);

    /// <summary>The handle of the session with this name.</summary>
    public static string OfName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name[..Length];
    }

    /// <summary>Whether a text can be a handle.</summary>
    public static bool IsWellFormed(string? text) => text is { Length: Length } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether a text can be a name.</summary>
    public static bool IsName(string? text) => text is { Length: NameLength } && text.All(char.IsAsciiHexDigitLower);

    private static string Digest(string sessionId, int characters)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> text = stackalloc byte[128];
        if (Encoding.UTF8.TryGetBytes(sessionId, text, out var written))
            SHA256.HashData(text[..written], hash);
        else
            SHA256.HashData(Encoding.UTF8.GetBytes(sessionId), hash);
        return Convert.ToHexStringLower(hash[..(characters / 2)]);
    }
}
