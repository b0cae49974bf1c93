using McpActors.Core.Health;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers;

/// <summary>How a server is, in one word.</summary>
public enum ServerCondition
{
    /// <summary>Not started: the first call starts it.</summary>
    Idle,

    /// <summary>Starting.</summary>
    Starting,

    /// <summary>Connected and well.</summary>
    Ready,

    /// <summary>Works, but not well: half-open, a forced circuit, failing attempts, or no journal.</summary>
    Degraded,

    /// <summary>Cannot be used: the circuit is open or the last start failed.</summary>
    Unavailable,

    /// <summary>Disabled by configuration.</summary>
    Disabled,

    /// <summary>There is no such server.</summary>
    Unknown,
}

/// <summary>All that can be shown of a server.</summary>
public sealed record ServerStatus : IServerReply, IWithServerId
{
    /// <inheritdoc/>
    public required ServerId Server { get; init; }

    /// <summary>How it is.</summary>
    public required ServerCondition Condition { get; init; }

    /// <summary>Why it is not well, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>The node that owns its actor; filled in there.</summary>
    public string? OwnerNode { get; init; }

    /// <summary>How it is reached: <c>http</c> or <c>stdio</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>The protocol revision spoken with it, once known; it may be known from an earlier life.</summary>
    public ProtocolRevision? Era { get; init; }

    /// <summary>What it said of itself, once known.</summary>
    public PeerInfo? Peer { get; init; }

    /// <summary>Whether the journal has been read since the actor started.</summary>
    public required bool Recovered { get; init; }

    /// <summary>Its circuit.</summary>
    public required CircuitStatus Circuit { get; init; }

    /// <summary>Its cache.</summary>
    public required CacheStatus Cache { get; init; }

    /// <summary>Its permits, queue and retry budget.</summary>
    public required LoadStatus Load { get; init; }

    /// <summary>What of its permits other nodes use by themselves; null where that never came up.</summary>
    public LeasesStatus? Leases { get; init; }

    /// <summary>The last failed attempts, newest first, bounded.</summary>
    public required IReadOnlyList<FailureNote> LastErrors { get; init; }

    /// <summary>Its connections.</summary>
    public required IReadOnlyList<SlotStatus> Slots { get; init; }

    /// <summary>Its replicas; empty for a server without.</summary>
    public IReadOnlyList<ReplicaStatus> Replicas { get; init; } = [];

    /// <summary>Its lists.</summary>
    public required IReadOnlyList<ListStatus> Lists { get; init; }

    /// <summary>The last probe of its health; null when none was made since the actor started.</summary>
    public ProbeReport? LastProbe { get; init; }

    /// <summary>What healed by itself since the actor started.</summary>
    public required HealingStatus Healing { get; init; }
}

/// <summary>The circuit of a server, for people.</summary>
/// <param name="State">As callers feel it, forcing included.</param>
/// <param name="Mode">Who decides.</param>
/// <param name="Since">The last transition; null before the first.</param>
/// <param name="Until">When it changes by itself, if it does.</param>
/// <param name="Reason">Of the last transition.</param>
/// <param name="Window">Counts of the sliding window.</param>
/// <param name="ConsecutiveFailures">Failures in a row now.</param>
/// <param name="ProbesInFlight">Half-open calls without an end yet.</param>
public sealed record CircuitStatus(
    CircuitPhase State,
    CircuitMode Mode,
    DateTimeOffset? Since,
    DateTimeOffset? Until,
    string? Reason,
    CircuitCounts Window,
    int ConsecutiveFailures,
    int ProbesInFlight);

/// <summary>The cache of a server in figures; counters since the actor started.</summary>
public sealed record CacheStatus(int Entries, long Bytes, long Hits, long Misses, long StaleServed, long Evictions, long Coalesced);

/// <summary>Permits, queue and retry budget of a server.</summary>
/// <param name="InFlight">Calls that hold a permit.</param>
/// <param name="Max">Permits.</param>
/// <param name="Queued">Calls that wait for a permit.</param>
/// <param name="QueueLimit">Places in the queue.</param>
/// <param name="Waiting">Calls that wait for an identical call or for the upstream to start.</param>
/// <param name="RetriesLeft">Retries that the budget allows now.</param>
/// <param name="Calls">Calls admitted since the actor started.</param>
/// <param name="Retries">Retries since the actor started.</param>
/// <param name="Rejections">Calls refused since the actor started.</param>
public sealed record LoadStatus(
    int InFlight, int Max, int Queued, int QueueLimit, int Waiting, int RetriesLeft, long Calls, long Retries, long Rejections);

/// <summary>The leases of a server.</summary>
/// <param name="OwnLimit">Permits that the owner may use for calls that it admits itself.</param>
/// <param name="OwnInUse">Those in use.</param>
/// <param name="Legacy">Permits of a former owner that may still be out, until that is known or has run out.</param>
/// <param name="Holders">The nodes that have a lease.</param>
public sealed record LeasesStatus(int OwnLimit, int OwnInUse, int Legacy, IReadOnlyList<LeaseStatus> Holders);

/// <summary>A node's lease, as the owner knows it.</summary>
/// <param name="Node">The node.</param>
/// <param name="Permits">Permits that it was given.</param>
/// <param name="InUse">Calls on their way there.</param>
/// <param name="Wanted">What it could use.</param>
/// <param name="ExpiresAt">When its permits come back unless it is heard of.</param>
public sealed record LeaseStatus(string Node, int Permits, int InUse, int Wanted, DateTimeOffset ExpiresAt);

/// <summary>A failed attempt, connection or list.</summary>
/// <param name="At">When.</param>
/// <param name="What">What was tried: a method, <c>connect</c>, or <c>process</c>.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Text">Details without secrets.</param>
public sealed record FailureNote(DateTimeOffset At, string What, AttemptResult Result, string? Text);

/// <summary>One upstream session or process.</summary>
/// <param name="Slot">Whose it is.</param>
/// <param name="State"><c>connecting</c>, <c>ready</c> or <c>backingOff</c>.</param>
/// <param name="Connection">Its connection, when it has one.</param>
/// <param name="ProcessId">Its process, when it has one.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="InFlight">Calls on it.</param>
/// <param name="LastError">Why the last connection failed or ended.</param>
/// <param name="Replica">The replica it is a connection to; null for a server without.</param>
public sealed record SlotStatus(
    SlotKey Slot, string State, ConnectionId? Connection, int? ProcessId, DateTimeOffset Since, int InFlight, string? LastError, int? Replica = null);

/// <summary>One replica of a server.</summary>
/// <param name="Index">Its place in the configuration, from 0; the label of its metrics.</param>
/// <param name="Address">Where it is, without secrets.</param>
/// <param name="Weight">Its share of the calls against the others'.</param>
/// <param name="Phase">Whether it gets calls.</param>
/// <param name="Until">When an ejected one is tried.</param>
/// <param name="Reachable">Whether somebody was there when it was last tried.</param>
/// <param name="Outstanding">Calls on their way.</param>
/// <param name="ConsecutiveFailures">Failures in a row.</param>
/// <param name="LastErrorAt">When it last failed.</param>
/// <param name="LastError">How.</param>
public sealed record ReplicaStatus(
    int Index, string Address, int Weight, ReplicaPhase Phase, DateTimeOffset? Until, bool Reachable, int Outstanding, int ConsecutiveFailures,
    DateTimeOffset? LastErrorAt, string? LastError)
{
    /// <summary>What probes say of it since its last call; unknown when there were none, or none for long.</summary>
    public HealthVerdict Health { get; init; }

    /// <summary>When it was probed last.</summary>
    public DateTimeOffset? ProbedAt { get; init; }
}

/// <summary>One list of a server.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Count">Entries.</param>
/// <param name="FetchedAt">When its last good copy was fetched.</param>
/// <param name="Fresh">Whether that copy is current.</param>
/// <param name="Hash">Its hash.</param>
public sealed record ListStatus(ListKind Kind, int Count, DateTimeOffset FetchedAt, bool Fresh, string Hash);

/// <summary>What healed by itself, in counts since the actor started.</summary>
/// <param name="SessionsReinitialised">Sessions that the upstream forgot and that were opened again.</param>
/// <param name="ProcessesRespawned">Processes that ended and were started again.</param>
/// <param name="ConnectionsReplaced">Other connections that were lost and replaced.</param>
/// <param name="Starts">Connections and processes opened in all.</param>
public sealed record HealingStatus(long SessionsReinitialised, long ProcessesRespawned, long ConnectionsReplaced, long Starts);
