using McpActors.Cluster.Servers;
using McpActors.Core;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using McpActors.Gateway.Management;
using Prometheus;

namespace McpActors.Gateway.Observability;

/// <summary>Counts for Prometheus what server actors decide. Labels are the server and an enumeration.</summary>
internal sealed class PrometheusServerMetrics : IServerMetrics
{
    private static readonly Gauge Circuit = Metrics.CreateGauge(Telemetry.Metrics.CircuitState, "1 for the state that the circuit is in, 0 for the others.", "server", "state");
    private static readonly Counter Transitions = Metrics.CreateCounter(Telemetry.Metrics.CircuitTransitions, "Transitions of circuits.", "server", "transition");
    private static readonly Counter Retries = Metrics.CreateCounter(Telemetry.Metrics.Retries, "Calls admitted for a further attempt.", "server");
    private static readonly Counter RetriesDenied = Metrics.CreateCounter(Telemetry.Metrics.RetriesDenied, "Failed calls that got no further attempt.", "server", "reason");
    private static readonly Counter Rejections = Metrics.CreateCounter(Telemetry.Metrics.Rejections, "Calls refused before anything was sent.", "server", "reason");
    private static readonly Counter Cache = Metrics.CreateCounter(Telemetry.Metrics.CacheRequests, "Lookups of calls that may be cached.", "server", "result");
    private static readonly Gauge CacheEntries = Metrics.CreateGauge(Telemetry.Metrics.CacheEntries, "Entries in the cache.", "server");
    private static readonly Gauge CacheBytes = Metrics.CreateGauge(Telemetry.Metrics.CacheBytes, "Bytes in the cache.", "server");
    private static readonly Gauge Permits = Metrics.CreateGauge(Telemetry.Metrics.Permits, "Permits in use.", "server");
    private static readonly Gauge Queue = Metrics.CreateGauge(Telemetry.Metrics.QueueLength, "Calls that wait for a permit.", "server");
    private static readonly Counter ProcessStarts = Metrics.CreateCounter(Telemetry.Metrics.ProcessStarts, "Child processes started.", "server");
    private static readonly Counter ProcessExits = Metrics.CreateCounter(Telemetry.Metrics.ProcessExits, "Child processes that ended without being asked to.", "server");
    private static readonly Counter Sessions = Metrics.CreateCounter(Telemetry.Metrics.UpstreamSessions, "Connections opened to HTTP servers.", "server");
    private static readonly Counter SessionsLost = Metrics.CreateCounter(Telemetry.Metrics.UpstreamSessionsLost, "Connections to HTTP servers that were lost.", "server");
    private static readonly Counter SelfHealed = Metrics.CreateCounter(Telemetry.Metrics.SelfHealed, "What healed by itself.", "server", "what");

    /// <inheritdoc />
    public void CircuitChanged(ServerId server, CircuitEvent change, CircuitState state)
    {
        Transitions.WithLabels(server.Value, change.GetType().Name).Inc();
        foreach (var phase in Enum.GetValues<CircuitPhase>())
            Circuit.WithLabels(server.Value, Views.Word(phase)).Set(phase == state.EffectivePhase ? 1 : 0);
    }

    /// <inheritdoc />
    public void Admitted(ServerId server)
    {
        // Counted with its outcome, where the call ends.
    }

    /// <inheritdoc />
    public void Retried(ServerId server) => Retries.WithLabels(server.Value).Inc();

    /// <inheritdoc />
    public void RetryDenied(ServerId server, GiveUpReason reason) => RetriesDenied.WithLabels(server.Value, Views.Word(reason)).Inc();

    /// <inheritdoc />
    public void Rejected(ServerId server, RejectReason reason) => Rejections.WithLabels(server.Value, Views.Word(reason)).Inc();

    /// <inheritdoc />
    public void CacheUsed(ServerId server, CacheUse use) => Cache.WithLabels(server.Value, Views.Word(use)).Inc();

    /// <inheritdoc />
    public void CacheSize(ServerId server, int entries, long bytes)
    {
        CacheEntries.WithLabels(server.Value).Set(entries);
        CacheBytes.WithLabels(server.Value).Set(bytes);
    }

    /// <inheritdoc />
    public void Load(ServerId server, int inFlight, int queued)
    {
        Permits.WithLabels(server.Value).Set(inFlight);
        Queue.WithLabels(server.Value).Set(queued);
    }

    /// <inheritdoc />
    public void Opened(ServerId server, bool isProcess) => (isProcess ? ProcessStarts : Sessions).WithLabels(server.Value).Inc();

    /// <inheritdoc />
    public void Ended(ServerId server, bool isProcess) => (isProcess ? ProcessExits : SessionsLost).WithLabels(server.Value).Inc();

    /// <inheritdoc />
    public void Healed(ServerId server, HealedWhat what) => SelfHealed.WithLabels(server.Value, Views.Word(what)).Inc();

    /// <inheritdoc />
    public void Stopped(ServerId server)
    {
        CacheEntries.RemoveLabelled(server.Value);
        CacheBytes.RemoveLabelled(server.Value);
        Permits.RemoveLabelled(server.Value);
        Queue.RemoveLabelled(server.Value);
    }
}
