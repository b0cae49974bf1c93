using McpActors.Core.Servers;
using McpActors.Core.Servers.Lease;

namespace McpActors.Cluster.Servers.Leases;

/// <summary>What all leases of a node share.</summary>
/// <param name="Models">Definitions.</param>
/// <param name="Pool">The node's connections.</param>
/// <param name="Metrics">Counters.</param>
/// <param name="Time">The time; the same that deadlines of calls are taken from.</param>
internal sealed record LeaseServices(IServerModels Models, UpstreamPool Pool, IServerMetrics Metrics, TimeProvider Time)
{
    /// <summary>Times of leases.</summary>
    public LeaseOptions Options { get; init; } = LeaseOptions.Default;

    /// <summary>Randomness for back-off.</summary>
    public Random Random { get; init; } = Random.Shared;
}

/// <summary>How a lease's reports get to its owner.</summary>
internal interface ILeaseReports
{
    /// <summary>Sends a report; it may be lost.</summary>
    void Send(ServerId server, LeaseReport report);
}
