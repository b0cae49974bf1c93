using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;

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

/// <summary>
/// What server actors count. Called from actors on every call: implementations only add to counters. Labels are bounded: server and an enumeration.
/// </summary>
public interface IServerMetrics
{
    /// <summary>A circuit changed.</summary>
    void CircuitChanged(ServerId server, CircuitEvent change, CircuitState state);

    /// <summary>A call was admitted for its first attempt.</summary>
    void Admitted(ServerId server);

    /// <summary>A call was admitted for a further attempt.</summary>
    void Retried(ServerId server);

    /// <summary>A call got no further attempt.</summary>
    void RetryDenied(ServerId server, GiveUpReason reason);

    /// <summary>A call was refused.</summary>
    void Rejected(ServerId server, RejectReason reason);

    /// <summary>A call that has a cache key was looked up.</summary>
    void CacheUsed(ServerId server, CacheUse use);

    /// <summary>What the cache holds now.</summary>
    void CacheSize(ServerId server, int entries, long bytes);

    /// <summary>Permits and queue now.</summary>
    void Load(ServerId server, int inFlight, int queued);

    /// <summary>A connection was opened: a process for stdio, otherwise a session.</summary>
    void Opened(ServerId server, bool isProcess);

    /// <summary>A process ended without being asked to, or a connection was lost.</summary>
    void Ended(ServerId server, bool isProcess);

    /// <summary>Something healed by itself.</summary>
    void Healed(ServerId server, HealedWhat what);

    /// <summary>The actor stopped: its gauges are to disappear or be zero.</summary>
    void Stopped(ServerId server);
}

/// <summary>Counts nothing; in force until the host brings another.</summary>
public sealed class NoServerMetrics : IServerMetrics
{
    /// <summary>The one instance.</summary>
    public static NoServerMetrics Instance { get; } = new();

    /// <inheritdoc/>
    public void CircuitChanged(ServerId server, CircuitEvent change, CircuitState state) { }

    /// <inheritdoc/>
    public void Admitted(ServerId server) { }

    /// <inheritdoc/>
    public void Retried(ServerId server) { }

    /// <inheritdoc/>
    public void RetryDenied(ServerId server, GiveUpReason reason) { }

    /// <inheritdoc/>
    public void Rejected(ServerId server, RejectReason reason) { }

    /// <inheritdoc/>
    public void CacheUsed(ServerId server, CacheUse use) { }

    /// <inheritdoc/>
    public void CacheSize(ServerId server, int entries, long bytes) { }

    /// <inheritdoc/>
    public void Load(ServerId server, int inFlight, int queued) { }

    /// <inheritdoc/>
    public void Opened(ServerId server, bool isProcess) { }

    /// <inheritdoc/>
    public void Ended(ServerId server, bool isProcess) { }

    /// <inheritdoc/>
    public void Healed(ServerId server, HealedWhat what) { }

    /// <inheritdoc/>
    public void Stopped(ServerId server) { }
}
