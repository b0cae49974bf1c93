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

    /// <summary>The handle of a session.</summary>
    public static string Of(string sessionId)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> text = stackalloc byte[128];
        if (Encoding.UTF8.TryGetBytes(sessionId, text, out var written))
            SHA256.HashData(text[..written], hash);
        else
            SHA256.HashData(Encoding.UTF8.GetBytes(sessionId), hash);
        return Convert.ToHexStringLower(hash[..(Length / 2)]);
    }

    /// <summary>Whether a text can be a handle.</summary>
    public static bool IsWellFormed(string? text) => text is { Length: Length } && text.All(char.IsAsciiHexDigitLower);
}
