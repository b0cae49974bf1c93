using System.Reflection;

namespace McpActors.Gateway.Observability;

/// <summary>The version of this build.</summary>
internal static class NodeVersion
{
    /// <summary>The version without the source revision.</summary>
    public static string Text { get; } = (typeof(NodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];
}
