namespace McpActors.Core.Configuration;

/// <summary>What a node is in its cluster.</summary>
public enum NodeRole
{
    /// <summary>Takes HTTP calls.</summary>
    Front,

    /// <summary>Owns server, session and singleton actors.</summary>
    Worker,
}

/// <summary>How fast a dead node is given up, against how patient the cluster is with a slow one.</summary>
public enum FailoverMode
{
    /// <summary>For quiet machines and good networks.</summary>
    Fast,

    /// <summary>The default.</summary>
    Balanced,

    /// <summary>For machines that pause and networks that lose packets.</summary>
    Safe,
}

/// <summary>Where events are kept.</summary>
public enum PersistenceProvider
{
    /// <summary>A file of this machine.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database, version 15 or later, that all nodes of the cluster reach.</summary>
    Postgres,
}

/// <summary>This node (<c>node</c>).</summary>
public sealed record NodeOptions
{
    /// <summary>The name that stands for "take the machine's".</summary>
    public const string AutoName = "auto";

    /// <summary>The defaults.</summary>
    public static NodeOptions Default { get; } = new();

    /// <summary>Name in logs and views; <c>auto</c> is the machine's name. Default <c>auto</c>.</summary>
    public string Name { get; init; } = AutoName;

    /// <summary>What the node does. Default: both roles.</summary>
    public IReadOnlyList<NodeRole> Roles { get; init; } = [NodeRole.Front, NodeRole.Worker];
}

/// <summary>The node's place in a cluster (<c>cluster</c>).</summary>
public sealed record ClusterOptions
{
    /// <summary>The defaults.</summary>
    public static ClusterOptions Default { get; } = new();

    /// <summary>Address of the actor remoting. Default 127.0.0.1:0, a free port.</summary>
    public HostPort Bind { get; init; } = new("127.0.0.1", 0);

    /// <summary>Address other nodes reach this one by. Default: <see cref="Bind"/>, or an address of the machine where that is all of them.</summary>
    public HostPort? Advertise { get; init; }

    /// <summary>Address of the HTTP between nodes. Default 127.0.0.1:0, a free port.</summary>
    public HostPort Internal { get; init; } = new("127.0.0.1", 0);

    /// <summary>Nodes to join: <c>host:port</c> each, or DNS names of addresses where nodes listen on the port of this one. Default none: a cluster of one.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>
    /// Addresses that the DNS names of <see cref="Seeds"/> must show before a new cluster is formed; to join one, one is enough. With the number of nodes behind
    /// the names no two clusters form, however late a resolver learns of a node. 1 to 1,000; default 1.
    /// </summary>
    public int RequiredSeeds { get; init; } = 1;

    /// <summary>Shards of each region; fixed for the life of a cluster. 1 to 4,096; default 128.</summary>
    public int Shards { get; init; } = 128;

    /// <summary>Failure detection and take-over. Default balanced.</summary>
    public FailoverMode Failover { get; init; } = FailoverMode.Balanced;

    /// <summary>Certificates by which nodes know each other. Default none: plain text.</summary>
    public TlsOptions Tls { get; init; } = TlsOptions.None;

    /// <summary>Lets the node's cluster port leave loopback without TLS. Default false.</summary>
    public bool Insecure { get; init; }

    /// <summary>Whether a seed is the fixed address of a node, <c>host:port</c>; else it is a name to look up.</summary>
    public static bool IsAddress(string seed) => HostPort.TryParse(seed, out _);

    /// <summary>Whether seeds are looked up by name.</summary>
    public bool SeedsAreNames => Seeds.Any(static seed => !IsAddress(seed));
}

/// <summary>The store of events (<c>persistence</c>).</summary>
public sealed record PersistenceOptions
{
    /// <summary>The defaults.</summary>
    public static PersistenceOptions Default { get; } = new();

    /// <summary>Which store. Default sqlite.</summary>
    public PersistenceProvider Provider { get; init; } = PersistenceProvider.Sqlite;

    /// <summary>Its connection string; a relative path of the file is relative to the configuration file. Default <c>Data Source=data/mcpactors.db</c>.</summary>
    public string Connection { get; init; } = "Data Source=data/mcpactors.db";

    /// <summary>How long history is kept. 1 d to 3,650 d; default 30 d.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);
}
