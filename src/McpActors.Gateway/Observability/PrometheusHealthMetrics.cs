using System.Collections.Concurrent;
using McpActors.Cluster.Health;
using McpActors.Core;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using McpActors.Gateway.Management;
using Prometheus;

namespace McpActors.Gateway.Observability;

/// <summary>Counts for Prometheus what the monitor of health decides. Only the node where it runs has values, so that sums over nodes count nothing twice.</summary>
internal sealed class PrometheusHealthMetrics : IHealthMetrics
{
    private static readonly HealthVerdict[] Verdicts = Enum.GetValues<HealthVerdict>();
    private static readonly Gauge Health = Metrics.CreateGauge(Telemetry.Metrics.ServerHealth, "1 for the verdict on the server, 0 for the others; on the node of the health singleton.", "server", "verdict");
    private static readonly Counter Probes = Metrics.CreateCounter(Telemetry.Metrics.HealthProbes, "Probes of servers.", "result");
    private static readonly Gauge AlertsFiring = Metrics.CreateGauge(Telemetry.Metrics.AlertsFiring, "Alerts that fire; on the node of the health singleton.", "rule");
    private static readonly Counter Deliveries = Metrics.CreateCounter(Telemetry.Metrics.AlertDeliveries, "Requests to webhooks.", "rule", "result");

    private readonly ConcurrentDictionary<ServerId, HealthVerdict> _shown = new();
    private readonly ConcurrentDictionary<string, bool> _rules = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public void Judged(ServerId server, HealthVerdict verdict)
    {
        _shown[server] = verdict;
        foreach (var each in Verdicts)
            Health.WithLabels(server.Value, Views.Word(each)).Set(each == verdict ? 1 : 0);
    }

    /// <inheritdoc />
    public void Forgotten(ServerId server)
    {
        if (!_shown.TryRemove(server, out _))
            return;
        foreach (var each in Verdicts)
            Health.RemoveLabelled(server.Value, Views.Word(each));
    }

    /// <inheritdoc />
    public void Probed(ProbeResult result) => Probes.WithLabels(Views.Word(result)).Inc();

    /// <inheritdoc />
    public void Firing(IReadOnlyDictionary<string, int> byRule)
    {
        foreach (var gone in _rules.Keys.Where(rule => !byRule.ContainsKey(rule)))
        {
            _rules.TryRemove(gone, out _);
            AlertsFiring.RemoveLabelled(gone);
        }

        foreach (var (rule, count) in byRule)
        {
            _rules[rule] = true;
            AlertsFiring.WithLabels(rule).Set(count);
        }
    }

    /// <inheritdoc />
    public void Delivered(string rule, DeliveryResult result) => Deliveries.WithLabels(rule, Views.Word(result)).Inc();

    /// <inheritdoc />
    public void Stopped()
    {
        foreach (var server in _shown.Keys)
            Forgotten(server);
        Firing(new Dictionary<string, int>());
    }
}
