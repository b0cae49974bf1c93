using Akka.Actor;

namespace McpActors.Cluster.Lifecycle;

/// <summary>Why a node leaves whose configuration cannot be that of a member of this cluster; starting it again changes nothing.</summary>
public sealed class ConfigurationRefused : CoordinatedShutdown.Reason
{
    /// <summary>The one.</summary>
    public static ConfigurationRefused Instance { get; } = new();

    /// <summary>That of a wrong configuration: 2.</summary>
    public override int ExitCode => 2;
}
