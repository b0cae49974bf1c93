using McpActors.Core.Configuration;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Sessions;

namespace McpActors.Cluster.Overview;

/// <summary>A server as the cluster knows it, without waking its actor.</summary>
/// <param name="Model">Its definition.</param>
/// <param name="Status">As its actor says; or, where none runs, as the journal says. Null: nobody can tell now.</param>
/// <param name="Running">Whether an actor of it runs.</param>
/// <param name="Why">Why there is no status, or why it may be old.</param>
public sealed record ServerGlance(ServerModel Model, ServerStatus? Status, bool Running, string? Why);

/// <summary>The tools of a server as the cluster remembers them, without asking the server.</summary>
/// <param name="Model">Its definition.</param>
/// <param name="Tools">Its last good list, whatever its age, empty for a server that says it has none; null: none was ever learnt, or nobody can tell now.</param>
/// <param name="Running">Whether an actor of it runs.</param>
/// <param name="Why">Why the server cannot be used, why there is no list, or why it may be old.</param>
public sealed record ToolsGlance(ServerModel Model, IReadOnlyList<ListItem>? Tools, bool Running, string? Why);

/// <summary>A client's session as the cluster knows it.</summary>
public sealed record SessionGlance
{
    /// <summary>Its name for operators; see <see cref="SessionHandle"/>.</summary>
    public required string Handle { get; init; }

    /// <summary>The server it was opened on, or <see cref="SessionInfo.AllServers"/>.</summary>
    public required string Route { get; init; }

    /// <summary>The negotiated protocol revision.</summary>
    public required string Revision { get; init; }

    /// <summary>Who opened it; null when nobody is known.</summary>
    public string? Principal { get; init; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its last use, as far as the nodes that answered know; of a session that only the journal knows it lags by up to a quarter of its idle time.</summary>
    public required DateTimeOffset LastUse { get; init; }

    /// <summary>The log level the client asked for.</summary>
    public SessionLogLevel? LogLevel { get; init; }

    /// <summary>The resources it subscribed to.</summary>
    public IReadOnlyList<ResourceSubscription> Subscriptions { get; init; } = [];

    /// <summary>False while the journal has not taken it.</summary>
    public bool Stored { get; init; }

    /// <summary>The node with its actor; null: it is out of memory, and the next request brings it back.</summary>
    public string? OwnerNode { get; init; }

    /// <summary>The nodes on which the client listens.</summary>
    public IReadOnlyList<string> StreamNodes { get; init; } = [];
}

/// <summary>One shard of a region.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Entities">The entities that run in it.</param>
public sealed record ShardGlance(string Id, IReadOnlyList<string> Entities);

/// <summary>A node at a glance.</summary>
public sealed record NodeGlance
{
    /// <summary>Version of the product.</summary>
    public required string Version { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Its parts.</summary>
    public required IReadOnlyList<PartGlance> Parts { get; init; }

    /// <summary>Server actors that run there.</summary>
    public int Servers { get; init; }

    /// <summary>Session actors that run there.</summary>
    public int Sessions { get; init; }

    /// <summary>Sessions that it serves as a front.</summary>
    public int ServedSessions { get; init; }

    /// <summary>Calls it has in hand as a front.</summary>
    public int Calls { get; init; }

    /// <summary>The revision of the catalogue it runs; null while it has none.</summary>
    public long? Revision { get; init; }

    /// <summary>Hash of its own configuration file.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Addresses of members that its failure detector does not hear.</summary>
    public IReadOnlyList<string> Misses { get; init; } = [];
}

/// <summary>One part of a node: <c>ok</c>, <c>degraded</c> or <c>failed</c>.</summary>
/// <param name="Name">Which.</param>
/// <param name="Status">How it is.</param>
/// <param name="Reason">Why it is not well.</param>
/// <param name="Since">Since when.</param>
public sealed record PartGlance(string Name, string Status, string? Reason, DateTimeOffset? Since);

/// <summary>A list that may lack what nodes that do not answer know.</summary>
/// <typeparam name="T">Of what.</typeparam>
/// <param name="Items">The entries.</param>
/// <param name="Silent">Addresses of members that did not answer.</param>
public sealed record Gathered<T>(IReadOnlyList<T> Items, IReadOnlyList<string> Silent);

/// <summary>What a node says of itself when others ask; the host knows more of it than the actor system.</summary>
public interface INodeSelf
{
    /// <summary>The node's version.</summary>
    string Version { get; }

    /// <summary>When it started.</summary>
    DateTimeOffset StartedAt { get; }

    /// <summary>Its parts now.</summary>
    IReadOnlyList<PartGlance> Parts { get; }
}

/// <summary>The whole cluster as it can be seen from this node. Looking wakes no actor, starts no server and allocates no shard.</summary>
public interface IOverview
{
    /// <summary>How these servers are.</summary>
    Task<IReadOnlyList<ServerGlance>> ServersAsync(IReadOnlyList<ServerModel> models, CancellationToken ct);

    /// <summary>Which tools these servers have.</summary>
    Task<IReadOnlyList<ToolsGlance>> ToolsAsync(IReadOnlyList<ServerModel> models, CancellationToken ct);

    /// <summary>A page of the sessions of the cluster, in the order of their handles.</summary>
    Task<Gathered<SessionGlance>> SessionsAsync(string after, int limit, CancellationToken ct);

    /// <summary>The id of the session with this handle; null when no node and no journal knows one that is open.</summary>
    Task<string?> FindSessionAsync(string handle, CancellationToken ct);

    /// <summary>The shards of a region, each with the address of its node.</summary>
    Task<Gathered<(string Node, ShardGlance Shard)>> ShardsAsync(string region, CancellationToken ct);

    /// <summary>Every member that answers, by address.</summary>
    Task<Gathered<(string Node, NodeGlance Glance)>> NodesAsync(CancellationToken ct);
}
