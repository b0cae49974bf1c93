using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;

namespace McpActors.Cluster.Servers;

/// <summary>How a lookup in a server's cache ended, or what stood in for it.</summary>
public enum CacheUse
{
    /// <summary>Answered fresh.</summary>
    Hit,

    /// <summary>Answered stale: while it is renewed, or because the server failed.</summary>
    Stale,

    /// <summary>Not there, so the server is asked.</summary>
    Miss,
}

/// <summary>What a server has in hand now.</summary>
/// <param name="InFlight">Permits in use.</param>
/// <param name="Queued">Calls that wait for a permit.</param>
/// <param name="CacheEntries">Entries in the cache.</param>
/// <param name="CacheBytes">Their bytes.</param>
/// <param name="Connections">Open upstream sessions, or child processes.</param>
/// <param name="Circuit">The state of the circuit as callers feel it.</param>
public readonly record struct ServerLoad(int InFlight, int Queued, int CacheEntries, long CacheBytes, int Connections, CircuitPhase Circuit);

/// <summary>How this node's lease of a server is.</summary>
/// <param name="Permits">Permits that it may use.</param>
/// <param name="InUse">Those in use.</param>
/// <param name="Queued">Calls that wait here for one.</param>
/// <param name="Admitted">Calls admitted since this was told before.</param>
public readonly record struct LeaseLoad(int Permits, int InUse, int Queued, long Admitted);

/// <summary>
/// What server actors count. Called from actors on every call: implementations only add to counters. Labels are bounded: server and an enumeration.
/// </summary>
public interface IServerMetrics
{
    /// <summary>A circuit changed.</summary>
    void CircuitChanged(ServerId server, CircuitEvent change);

    /// <summary>A call was admitted for a further attempt.</summary>
    void Retried(ServerId server);

    /// <summary>A call got no further attempt.</summary>
    void RetryDenied(ServerId server, GiveUpReason reason);

    /// <summary>A call was refused.</summary>
    void Rejected(ServerId server, RejectReason reason);

    /// <summary>A call that has a cache key was looked up.</summary>
    void CacheUsed(ServerId server, CacheUse use);

    /// <summary>How the server is after a decision.</summary>
    void Load(ServerId server, bool isProcess, in ServerLoad load);

    /// <summary>A connection was opened: a process for stdio, otherwise a session.</summary>
    void Opened(ServerId server, bool isProcess);

    /// <summary>A process ended without being asked to, or a connection was lost.</summary>
    void Ended(ServerId server, bool isProcess);

    /// <summary>Something healed by itself.</summary>
    void Healed(ServerId server, HealedWhat what);

    /// <summary>How this node's lease of a server is; told with each report and each answer.</summary>
    void Leased(ServerId server, in LeaseLoad load);

    /// <summary>A call did not go under this node's lease: it was refused, or asked the owner.</summary>
    void NotLeased(ServerId server, LeaseReason reason);

    /// <summary>This node has no lease of the server any more: its gauges are to disappear.</summary>
    void LeaseEnded(ServerId server);

    /// <summary>How a replica is after a decision. Replicas are named by their place in the configuration.</summary>
    void Replica(ServerId server, int replica, int outstanding, bool inUse);

    /// <summary>A replica was left out.</summary>
    void ReplicaEjected(ServerId server, int replica);

    /// <summary>The actor stopped: its gauges are to disappear or be zero.</summary>
    void Stopped(ServerId server);
}

/// <summary>Counts nothing; in force until the host brings another.</summary>
public sealed class NoServerMetrics : IServerMetrics
{
    /// <summary>The one instance.</summary>
    public static NoServerMetrics Instance { get; } = new();

    /// <inheritdoc/>
    public void CircuitChanged(ServerId server, CircuitEvent change) { }

    /// <inheritdoc/>
    public void Retried(ServerId server) { }

    /// <inheritdoc/>
    public void RetryDenied(ServerId server, GiveUpReason reason) { }

    /// <inheritdoc/>
    public void Rejected(ServerId server, RejectReason reason) { }

    /// <inheritdoc/>
    public void CacheUsed(ServerId server, CacheUse use) { }

    /// <inheritdoc/>
    public void Load(ServerId server, bool isProcess, in ServerLoad load) { }

    /// <inheritdoc/>
    public void Opened(ServerId server, bool isProcess) { }

    /// <inheritdoc/>
    public void Ended(ServerId server, bool isProcess) { }

    /// <inheritdoc/>
    public void Healed(ServerId server, HealedWhat what) { }

    /// <inheritdoc/>
    public void Leased(ServerId server, in LeaseLoad load) { }

    /// <inheritdoc/>
    public void NotLeased(ServerId server, LeaseReason reason) { }

    /// <inheritdoc/>
    public void LeaseEnded(ServerId server) { }

    /// <inheritdoc/>
    public void Replica(ServerId server, int replica, int outstanding, bool inUse) { }

    /// <inheritdoc/>
    public void ReplicaEjected(ServerId server, int replica) { }

    /// <inheritdoc/>
    public void Stopped(ServerId server) { }
}
