using System.Reflection;
using System.Text;

namespace McpActors.Transports.Handshake;

/// <summary>Whom the gateway presents itself as when no client stands behind a connection: name, version, no capabilities.</summary>
internal static class GatewayIdentity
{
    /// <summary>Its version.</summary>
    public static string Version { get; } = VersionOf(typeof(GatewayIdentity).Assembly);

    /// <summary>Its <c>clientInfo</c>.</summary>
    public static ReadOnlyMemory<byte> ClientInfo { get; } =
        Encoding.UTF8.GetBytes($$"""{"name":"mcpactors","version":"{{Version}}"}""");

    /// <summary>Its <c>capabilities</c>.</summary>
    public static ReadOnlyMemory<byte> Capabilities { get; } = "{}"u8.ToArray();

    private static string VersionOf(Assembly assembly)
    {
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        var build = version.IndexOf('+', StringComparison.Ordinal);
        return build < 0 ? version : version[..build];
    }
}
