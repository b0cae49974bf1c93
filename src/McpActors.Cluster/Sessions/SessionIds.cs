using System.Buffers.Text;
using System.Security.Cryptography;

namespace McpActors.Cluster.Sessions;

/// <summary>Session ids: 256 random bits as base64url, visible ASCII, so that nobody guesses one and any header carries it.</summary>
internal static class SessionIds
{
    private const int Bytes = 32;
    private const int Length = 43;

    public static string Next()
    {
        Span<byte> random = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }

    /// <summary>Whether a text can be one of ours. Anything else is refused without waking an actor.</summary>
    public static bool IsWellFormed(string? id) => id is { Length: Length } && Base64Url.IsValid(id);
}
