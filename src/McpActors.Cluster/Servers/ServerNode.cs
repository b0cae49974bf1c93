using McpActors.Cluster.Nodes;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Servers.Leases;

namespace McpActors.Cluster.Servers;

/// <summary>What every server actor of a node shares.</summary>
internal sealed record ServerNode
{
    internal static readonly TimeSpan DefaultHandOffTime = TimeSpan.FromSeconds(3);

    /// <summary>Definitions.</summary>
    public required IServerModels Models { get; init; }

    /// <summary>Connections.</summary>
    public required UpstreamPool Pool { get; init; }

    /// <summary>The actors that serve on this node.</summary>
    public LocalServers Local { get; init; } = new();

    /// <summary>Where cached results outlive a restart. Null: nowhere.</summary>
    public CacheTable? Results { get; init; }

    /// <summary>What is too large for a message to another node; null where there is none.</summary>
    public Parcels? Parcels { get; init; }

    /// <summary>Who may hold leases; null where there are no other nodes.</summary>
    public ILeasePeers? Peers { get; init; }

    /// <summary>The life of this node, which is the upper half of the ids of its connections.</summary>
    public int Life { get; init; }

    /// <summary>Bounds the probes of this node.</summary>
    public ProbeGate Probes { get; init; } = new();

    /// <summary>How the journal does.</summary>
    public required JournalHealth Journal { get; init; }

    /// <summary>The time; the same that deadlines of calls are taken from.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Counters.</summary>
    public IServerMetrics Metrics { get; init; } = NoServerMetrics.Instance;

    /// <summary>Recorders.</summary>
    public RecorderSettings Recorder { get; init; } = RecorderSettings.Default;

    /// <summary>The node's name in a server's status.</summary>
    public string Name { get; init; } = "local";

    /// <summary>Randomness for back-off.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>How long a starting actor waits for a journal that is known to fail before it serves without its past. Default 2 s.</summary>
    public TimeSpan RecoveryPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long it waits for a journal that is only slow. Default 10 s.</summary>
    public TimeSpan SlowRecoveryPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long results wait to be stored, so that many are stored at once. Default 500 ms.</summary>
    public TimeSpan StoreResultsAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long they wait after the store refused them. Default 5 s.</summary>
    public TimeSpan StoreResultsAgain { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>An actor with nothing open and nothing to do for this long leaves memory. Default 2 min.</summary>
    public TimeSpan PassivateAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long the actor waits for calls in flight when it moves; its shard waits with it, and so do all who ask for one of its servers. Longer calls go on
    /// without it, on connections that are left to them. Default 3 s: with <see cref="RecorderSettings.DrainTimeout"/> it must end before sharding stops the actor by
    /// force, connections and all, which is 5 s before <c>handoff-timeout</c>.
    /// </summary>
    public TimeSpan HandOffTime { get; init; } = DefaultHandOffTime;

    /// <summary>A snapshot is taken after this many events. Default 50.</summary>
    public int SnapshotEvery { get; init; } = 50;

    /// <summary>An id for a new connection, unique in the cluster.</summary>
    public long NextConnection() => ((long)Life << 32) | (uint)Pool.NextId();
}
