using System.Globalization;
using McpActors.Cluster.Persistence;
using McpActors.Core.Configuration;

namespace McpActors.Cluster.Hosting;

/// <summary>What a node of the cluster needs to know of itself. Filled from the configuration.</summary>
public sealed record NodeSettings
{
    /// <summary>Name of the actor system, the same in every node: part of the wire address.</summary>
    public const string SystemName = "mcpactors";

    /// <summary>Role of the nodes that take HTTP calls.</summary>
    public const string FrontRole = "front";

    /// <summary>Role of the nodes that own server, session and singleton actors.</summary>
    public const string WorkerRole = "worker";

    /// <summary>The settings of a configuration.</summary>
    public static NodeSettings From(GatewayConfiguration configuration) => new()
    {
        Name = NameOf(configuration),
        Roles = [.. configuration.Node.Roles.Select(role => role == NodeRole.Front ? FrontRole : WorkerRole)],
        BindHost = configuration.Cluster.Bind.Host,
        BindPort = configuration.Cluster.Bind.Port,
        AdvertiseHost = OwnAddress.Of(configuration.Cluster),
        AdvertisePort = configuration.Cluster.Advertise?.Port,
        Seeds = [.. configuration.Cluster.Seeds.Where(ClusterOptions.IsAddress)],
        SeedNames = [.. configuration.Cluster.Seeds.Where(seed => !ClusterOptions.IsAddress(seed))],
        RequiredSeeds = configuration.Cluster.RequiredSeeds,
        Tls = configuration.Cluster.Tls,
        Shards = configuration.Cluster.Shards,
        Failover = configuration.Cluster.Failover,
        Provider = configuration.Persistence.Provider,
        Connection = configuration.Persistence.Connection,
        Retention = configuration.Persistence.Retention,
        Drain = configuration.Shutdown.Drain,
        Notice = configuration.Shutdown.Notice,
        MaxSessions = configuration.Limits.Sessions,
        SessionIdle = configuration.Limits.SessionIdle,
        SessionBufferBytes = (int)Math.Min(configuration.Limits.SessionBuffer, int.MaxValue),
    };

    /// <summary>
    /// What the cluster knows the node by over its restarts: <c>node.name</c>, else the machine's name, with the port where it is fixed. Default: the machine's name.
    /// </summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>Cluster roles of the node. Default: both.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [FrontRole, WorkerRole];

    /// <summary>Address remoting listens on. Default 127.0.0.1.</summary>
    public string BindHost { get; init; } = "127.0.0.1";

    /// <summary>Port remoting listens on; 0 takes a free one. Default 0.</summary>
    public int BindPort { get; init; }

    /// <summary>Host other nodes reach this one by. Null: <see cref="BindHost"/>.</summary>
    public string? AdvertiseHost { get; init; }

    /// <summary>Port other nodes reach this one by. Null: the one bound.</summary>
    public int? AdvertisePort { get; init; }

    /// <summary>Nodes to join, as <c>host:port</c>. Empty, and no <see cref="SeedNames"/>: this node is a cluster of one.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>Names behind which the nodes to join are found, at the port of this one. Default none.</summary>
    public IReadOnlyList<string> SeedNames { get; init; } = [];

    /// <summary>Addresses that <see cref="SeedNames"/> must show before a new cluster is formed. Default 1.</summary>
    public int RequiredSeeds { get; init; } = 1;

    /// <summary>Between two looks of the first seed at the store for signs of other nodes' life: longer than several of their counts, and a slow store. Default 8 s.</summary>
    public TimeSpan FormationLook { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long another living member may have this node's name before that is said: a node that started again under another address has its old self beside it until that is given up. Default 30 s.</summary>
    public TimeSpan NamesakePatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Certificates by which nodes know each other. Default none: plain text.</summary>
    public TlsOptions Tls { get; init; } = TlsOptions.None;

    /// <summary>Shards of each region. Fixed for the life of a cluster. 1 to 4,096, default 128.</summary>
    public int Shards { get; init; } = 128;

    /// <summary>Failure detection and take-over. Default balanced.</summary>
    public FailoverMode Failover { get; init; } = FailoverMode.Balanced;

    /// <summary>Kind of store. Default SQLite.</summary>
    public PersistenceProvider Provider { get; init; } = PersistenceProvider.Sqlite;

    /// <summary>Connection string of the store. The directory of a SQLite file is created.</summary>
    public string Connection { get; init; } = "Data Source=data/mcpactors.db";

    /// <summary>How long history is kept that recovery does not need any more. Default 30 d.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How patient recorders are with the journal.</summary>
    public RecorderSettings Recorder { get; init; } = RecorderSettings.Default;

    /// <summary>How long calls in flight may take to end at shutdown. Default 60 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a node that stops still takes calls while it says already that it is not ready; not where it is alone. Default 3 s.</summary>
    public TimeSpan Notice { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What the host must allow for its stop: notice and drain time, and what follows (hand-off of shards, leave, stop).</summary>
    public TimeSpan ShutdownTimeout => Notice + Drain + TimeSpan.FromSeconds(15);

    /// <summary>Client sessions of this node at most. Default 10,000.</summary>
    public int MaxSessions { get; init; } = 10_000;

    /// <summary>A session without a request for this time ends. Default 2 h.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Bytes kept for one attached stream whose reader is slow; beyond it the oldest are dropped. Default 256 KiB.</summary>
    public int SessionBufferBytes { get; init; } = 256 * 1024;

    /// <summary>Whether the process ends when the actor system does. False in tests, where several nodes share a process.</summary>
    public bool OwnsProcess { get; init; } = true;

    private static string NameOf(GatewayConfiguration configuration)
    {
        if (configuration.Node.Name != NodeOptions.AutoName)
            return configuration.Node.Name;
        var port = (configuration.Cluster.Advertise ?? configuration.Cluster.Bind).Port;
        return port == 0 ? Environment.MachineName : string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{port}");
    }
}
