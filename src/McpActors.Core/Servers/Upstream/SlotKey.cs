using System.Security.Cryptography;
using System.Text;

namespace McpActors.Core.Servers.Upstream;

/// <summary>Which callers share one upstream session or process: all of them, those of one principal, or one downstream session.</summary>
/// <param name="Value"><c>shared</c>, <c>p:{principal}</c>, <c>p:{principal}#{hash of revision and capabilities}</c> or <c>s:{downstream session}</c>.</param>
public readonly record struct SlotKey(string Value)
{
    private const int ProfileBytes = 6;

    /// <summary>One session or process for every caller.</summary>
    public static SlotKey Shared { get; } = new("shared");

    /// <summary>One per principal.</summary>
    public static SlotKey ForPrincipal(string principal) => new("p:" + NotEmpty(principal));

    /// <summary>
    /// One per principal, revision and capabilities: the server is told once, when its session is opened, what the client can do, and may ask for just that later.
    /// </summary>
    public static SlotKey ForPrincipal(string principal, ClientProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(profile.Revision.Text + "\n"));
        hash.AppendData(profile.Capabilities.Span);
        return new SlotKey($"p:{NotEmpty(principal)}#{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, ProfileBytes))}");
    }

    /// <summary>One per downstream session.</summary>
    public static SlotKey ForSession(string session) => new("s:" + NotEmpty(session));

    /// <summary>Whether it belongs to one downstream session.</summary>
    public bool IsSession => Value is ['s', ':', ..];

    /// <inheritdoc />
    public override string ToString() => Value ?? "";

    private static string NotEmpty(string owner)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        return owner;
    }
}
