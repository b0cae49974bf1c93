using System.Globalization;
using System.Text;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>What the gateway says of itself where it speaks for all servers.</summary>
internal static class GatewayIdentity
{
    private static readonly ReadOnlyMemory<byte> Capabilities =
        """{"tools":{"listChanged":true},"prompts":{"listChanged":true},"resources":{"listChanged":true},"completions":{},"logging":{}}"""u8.ToArray();

    /// <summary>Name and version, one JSON object.</summary>
    public static ReadOnlyMemory<byte> ServerInfo { get; } = Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $$"""{"name":"mcpactors","title":"McpActors","version":"{{Version()}}"}"""));

    /// <summary>The gateway as a server: in the words of the revision whose clients have a stream on which changes reach them.</summary>
    public static PeerInfo AsPeer(int servers) => new(
        ProtocolRevision.NewestLegacy,
        Capabilities,
        ServerInfo,
        string.Create(CultureInfo.InvariantCulture, $"{servers} MCP servers behind one endpoint. Tools and prompts are named server__name; what is missing in a list is named in its _meta."));

    private static string Version() => typeof(GatewayIdentity).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
