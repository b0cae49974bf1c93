using System.Buffers;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Configuration.Settings;

/// <summary>What names and values of a server's settings must keep.</summary>
internal static class ServerRules
{
    /// <summary>The revisions that may be asked for, newest first.</summary>
    public static readonly IReadOnlyList<string> Protocols = [.. ProtocolRevision.All.Reverse().Select(static revision => revision.Text)];

    /// <summary>The revisions that over HTTP have a transport of their own.</summary>
    public static readonly IReadOnlyList<string> TwoEndpointProtocols = [.. ProtocolRevision.All.Where(static revision => revision.UsesTwoEndpoints).Select(static revision => revision.Text)];

    private static readonly SearchValues<char> HeaderName = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly HashSet<string> GatewaysOwn = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Host", "Keep-Alive", "Last-Event-ID", "Mcp-Method", "Mcp-Name",
        "MCP-Protocol-Version", "Mcp-Session-Id", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    /// <summary>What a header name must be; null when it is.</summary>
    public static string? Header(string name)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(HeaderName))
            return "a header name";
        return GatewaysOwn.Contains(name) || name.StartsWith("Mcp-Param-", StringComparison.OrdinalIgnoreCase) ? "a header that the gateway does not set itself" : null;
    }

    /// <summary>Whether <paramref name="text"/> may stand in a header.</summary>
    public static bool IsHeaderValue(string text) => text.Length <= 8192 && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    /// <summary>What a variable's name must be; null when it is.</summary>
    public static string? Variable(string name) => name.Length > 0 && name.AsSpan().IndexOfAny('=', '\0') < 0 ? null : "a variable name without '='";

    /// <summary>What a label's name must be; null when it is.</summary>
    public static string? Label(string name) =>
        name.Length is > 0 and <= 63 && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_') ? null : "[A-Za-z_][A-Za-z0-9_]{0,62}";

    /// <summary>What a tool's name must be; null when it is.</summary>
    public static string? Tool(string name) => name.Length is > 0 and <= 128 ? null : "a tool name of 1 to 128 characters";
}
