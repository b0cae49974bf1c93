using System.Collections.Concurrent;
using System.Globalization;
using McpActors.Cluster.Servers;
using McpActors.Core;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;
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
    private static readonly Gauge LeasePermits = Metrics.CreateGauge(Telemetry.Metrics.LeasePermits, "Permits that this node has under a lease of a server that another node owns.", "server");
    private static readonly Gauge LeaseInUse = Metrics.CreateGauge(Telemetry.Metrics.LeasePermitsInUse, "Those in use.", "server");
    private static readonly Gauge LeaseQueue = Metrics.CreateGauge(Telemetry.Metrics.LeaseQueueLength, "Calls of this node that wait for a permit of its lease.", "server");
    private static readonly Counter LeaseCalls = Metrics.CreateCounter(Telemetry.Metrics.LeaseCalls, "Calls that this node admitted under a lease.", "server");
    private static readonly Counter LeaseBypassed = Metrics.CreateCounter(Telemetry.Metrics.LeaseBypassed, "Calls that this node's lease did not admit: refused, or decided by the owner.", "server", "reason");
    private static readonly Counter ProcessStarts = Metrics.CreateCounter(Telemetry.Metrics.ProcessStarts, "Child processes started.", "server");
    private static readonly Counter ProcessExits = Metrics.CreateCounter(Telemetry.Metrics.ProcessExits, "Child processes that ended without being asked to.", "server");
    private static readonly Gauge Processes = Metrics.CreateGauge(Telemetry.Metrics.Processes, "Child processes that run.", "server");
    private static readonly Gauge Connections = Metrics.CreateGauge(Telemetry.Metrics.Connections, "Open connections to HTTP servers.", "server");
    private static readonly Counter Sessions = Metrics.CreateCounter(Telemetry.Metrics.UpstreamSessions, "Connections opened to HTTP servers.", "server");
    private static readonly Counter SessionsLost = Metrics.CreateCounter(Telemetry.Metrics.UpstreamSessionsLost, "Connections to HTTP servers that were lost.", "server");
    private static readonly Counter SelfHealed = Metrics.CreateCounter(Telemetry.Metrics.SelfHealed, "What healed by itself.", "server", "what");

    private static readonly Gauge ReplicaOutstanding = Metrics.CreateGauge(Telemetry.Metrics.ReplicaOutstanding, "Calls on their way at a replica; replica is its place in the configuration, from 0.", "server", "replica");
    private static readonly Gauge ReplicaInUse = Metrics.CreateGauge(Telemetry.Metrics.ReplicaInUse, "1 for a replica that gets calls, 0 for one that is left out or on trial.", "server", "replica");
    private static readonly Counter ReplicaEjections = Metrics.CreateCounter(Telemetry.Metrics.ReplicaEjections, "How often a replica was left out.", "server", "replica");

    private readonly ConcurrentDictionary<ServerId, ServerGauges> _gauges = new();

    /// <inheritdoc />
    public void CircuitChanged(ServerId server, CircuitEvent change) => Transitions.WithLabels(server.Value, Views.Camel(change.GetType().Name)).Inc();

    /// <inheritdoc />
    public void Retried(ServerId server) => Retries.WithLabels(server.Value).Inc();

    /// <inheritdoc />
    public void RetryDenied(ServerId server, GiveUpReason reason) => RetriesDenied.WithLabels(server.Value, Views.Word(reason)).Inc();

    /// <inheritdoc />
    public void Rejected(ServerId server, RejectReason reason) => Rejections.WithLabels(server.Value, Views.Word(reason)).Inc();

    /// <inheritdoc />
    public void CacheUsed(ServerId server, CacheUse use) => Cache.WithLabels(server.Value, Views.Word(use)).Inc();

    /// <inheritdoc />
    public void Load(ServerId server, bool isProcess, in ServerLoad load) =>
        _gauges.GetOrAdd(server, static (id, process) => new ServerGauges(id.Value, process), isProcess).Show(load);

    /// <inheritdoc />
    public void Opened(ServerId server, bool isProcess) => (isProcess ? ProcessStarts : Sessions).WithLabels(server.Value).Inc();

    /// <inheritdoc />
    public void Ended(ServerId server, bool isProcess) => (isProcess ? ProcessExits : SessionsLost).WithLabels(server.Value).Inc();

    /// <inheritdoc />
    public void Healed(ServerId server, HealedWhat what) => SelfHealed.WithLabels(server.Value, Views.Word(what)).Inc();

    /// <inheritdoc />
    public void Leased(ServerId server, in LeaseLoad load)
    {
        LeasePermits.WithLabels(server.Value).Set(load.Permits);
        LeaseInUse.WithLabels(server.Value).Set(load.InUse);
        LeaseQueue.WithLabels(server.Value).Set(load.Queued);
        LeaseCalls.WithLabels(server.Value).Inc(load.Admitted);
    }

    /// <inheritdoc />
    public void NotLeased(ServerId server, LeaseReason reason) => LeaseBypassed.WithLabels(server.Value, Views.Word(reason)).Inc();

    /// <inheritdoc />
    public void LeaseEnded(ServerId server)
    {
        foreach (var gauge in new[] { LeasePermits, LeaseInUse, LeaseQueue })
            gauge.RemoveLabelled(server.Value);
    }

    /// <inheritdoc />
    public void Replica(ServerId server, int replica, int outstanding, bool inUse)
    {
        if (_gauges.TryGetValue(server, out var gauges))
            gauges.Show(replica, outstanding, inUse);
    }

    /// <inheritdoc />
    public void ReplicaEjected(ServerId server, int replica) => ReplicaEjections.WithLabels(server.Value, Place(replica)).Inc();

    private static string Place(int replica) => replica.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc />
    public void Stopped(ServerId server)
    {
        if (_gauges.TryRemove(server, out var gauges))
            gauges.Remove();
    }

    /// <summary>
    /// The gauges of one server, looked up once: they are set after every decision. But for the circuit, each is there from when it first has something to say; to a
    /// reader of sums and rates none is as good as 0, and ten thousand idle servers would have fifty thousand of them.
    /// </summary>
    private sealed class ServerGauges(string server, bool isProcess)
    {
        private static readonly CircuitPhase[] Phases = Enum.GetValues<CircuitPhase>();

        private Gauge.Child? _permits;
        private Gauge.Child? _queue;
        private Gauge.Child? _cacheEntries;
        private Gauge.Child? _cacheBytes;
        private Gauge.Child? _connections;
        private List<(Gauge.Child Outstanding, Gauge.Child InUse)>? _replicas;
        private CircuitPhase? _shown;

        public void Show(in ServerLoad load)
        {
            Set(ref _permits, Permits, load.InFlight);
            Set(ref _queue, Queue, load.Queued);
            Set(ref _cacheEntries, CacheEntries, load.CacheEntries);
            Set(ref _cacheBytes, CacheBytes, load.CacheBytes);
            Set(ref _connections, isProcess ? Processes : Connections, load.Connections);
            if (_shown == load.Circuit)
                return;
            _shown = load.Circuit;
            foreach (var phase in Phases)
                Circuit.WithLabels(server, Views.Word(phase)).Set(phase == load.Circuit ? 1 : 0);
        }

        public void Show(int replica, int outstanding, bool inUse)
        {
            _replicas ??= [];
            while (_replicas.Count <= replica)
                _replicas.Add((ReplicaOutstanding.WithLabels(server, Place(_replicas.Count)), ReplicaInUse.WithLabels(server, Place(_replicas.Count))));
            _replicas[replica].Outstanding.Set(outstanding);
            _replicas[replica].InUse.Set(inUse ? 1 : 0);
        }

        public void Remove()
        {
            for (var i = 0; i < _replicas?.Count; i++)
            {
                ReplicaOutstanding.RemoveLabelled(server, Place(i));
                ReplicaInUse.RemoveLabelled(server, Place(i));
            }

            foreach (var gauge in new[] { Permits, Queue, CacheEntries, CacheBytes, Processes, Connections })
                gauge.RemoveLabelled(server);
            foreach (var phase in Phases)
                Circuit.RemoveLabelled(server, Views.Word(phase));
        }

        private void Set(ref Gauge.Child? child, Gauge gauge, double value)
        {
            if (child is null && value == 0)
                return;
            child ??= gauge.WithLabels(server);
            child.Set(value);
        }
    }
}
