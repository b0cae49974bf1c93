using McpActors.Core.Health;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Health;

/// <summary>The health of the cluster's servers as this node knows it.</summary>
public interface IHealth
{
    /// <summary>The verdict on a server. Never waits.</summary>
    ServerHealth Find(ServerId server);

    /// <summary>Asks the monitor for a page of alerts; null when it does not answer.</summary>
    Task<HealthProtocol.AlertPage?> AlertsAsync(HealthProtocol.GetAlerts query, CancellationToken ct);
}

/// <summary>What the monitor counts, on the node where it runs. Labels are bounded: servers, rules and enumerations.</summary>
public interface IHealthMetrics
{
    /// <summary>The verdict on a server changed.</summary>
    void Judged(ServerId server, HealthVerdict verdict);

    /// <summary>A server is followed no more.</summary>
    void Forgotten(ServerId server);

    /// <summary>A probe ended.</summary>
    void Probed(ProbeResult result);

    /// <summary>So many alerts fire, by rule.</summary>
    void Firing(IReadOnlyDictionary<string, int> byRule);

    /// <summary>A webhook answered, or did not.</summary>
    void Delivered(string rule, DeliveryResult result);

    /// <summary>The monitor stopped here: its gauges are to disappear.</summary>
    void Stopped();
}

/// <summary>Counts nothing; in force until the host brings another.</summary>
public sealed class NoHealthMetrics : IHealthMetrics
{
    /// <inheritdoc/>
    public void Judged(ServerId server, HealthVerdict verdict) { }

    /// <inheritdoc/>
    public void Forgotten(ServerId server) { }

    /// <inheritdoc/>
    public void Probed(ProbeResult result) { }

    /// <inheritdoc/>
    public void Firing(IReadOnlyDictionary<string, int> byRule) { }

    /// <inheritdoc/>
    public void Delivered(string rule, DeliveryResult result) { }

    /// <inheritdoc/>
    public void Stopped() { }
}
