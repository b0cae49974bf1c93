using System.Collections.Frozen;
using McpActors.Core.Health;
using McpActors.Core.Servers;

namespace McpActors.Core.Configuration;

/// <summary>
/// The whole configuration in effect: checked, complete, immutable. <c>node</c> to <c>shutdown</c> belong to each node,
/// servers, discovery and limits to the cluster.
/// </summary>
public sealed record GatewayConfiguration
{
    /// <summary>The version of the file format.</summary>
    public const int FormatVersion = 1;

    /// <summary>The defaults: no server.</summary>
    public static GatewayConfiguration Default { get; } = new();

    /// <summary>Version of the file format. Always 1.</summary>
    public int Version { get; init; } = FormatVersion;

    /// <summary>This node.</summary>
    public NodeOptions Node { get; init; } = NodeOptions.Default;

    /// <summary>Its place in a cluster.</summary>
    public ClusterOptions Cluster { get; init; } = ClusterOptions.Default;

    /// <summary>Its store.</summary>
    public PersistenceOptions Persistence { get; init; } = PersistenceOptions.Default;

    /// <summary>Its listener for MCP clients.</summary>
    public ListenerOptions Front { get; init; } = ListenerOptions.Front;

    /// <summary>Its listener for operators.</summary>
    public ListenerOptions Management { get; init; } = ListenerOptions.Management;

    /// <summary>What every server inherits.</summary>
    public ServerDefinition Defaults { get; init; } = ServerDefinition.Default;

    /// <summary>The servers, by id. Default none.</summary>
    public IReadOnlyDictionary<ServerId, ServerModel> Servers { get; init; } = FrozenDictionary<ServerId, ServerModel>.Empty;

    /// <summary>Where servers come from beside the file.</summary>
    public DiscoveryOptions Discovery { get; init; } = DiscoveryOptions.Default;

    /// <summary>Who is told of what.</summary>
    public HealthOptions Health { get; init; } = HealthOptions.Default;

    /// <summary>Logs and traces.</summary>
    public ObservabilityOptions Observability { get; init; } = ObservabilityOptions.Default;

    /// <summary>Limits.</summary>
    public LimitOptions Limits { get; init; } = LimitOptions.Default;

    /// <summary>How the node stops.</summary>
    public ShutdownOptions Shutdown { get; init; } = ShutdownOptions.Default;

    /// <summary>Paths of values that came from the environment or from files, and are masked wherever the configuration is shown.</summary>
    public IReadOnlySet<string> SensitivePaths { get; init; } = FrozenSet<string>.Empty;
}
