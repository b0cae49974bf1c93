using System.Net;

namespace McpActors.Core.Configuration.Settings;

/// <summary>The keys of the sections that belong to each node, and of <c>limits</c>.</summary>
internal static class NodeKeys
{
    private const int MostDepth = 512;

    public static SectionType<NodeOptions> Node { get; } = new SectionType<NodeOptions>(NodeOptions.Default)
        .Key("name", SettingTypes.Text("a name, or auto", static text => text.Length is > 0 and <= 64), static o => o.Name, static (o, v) => o with { Name = v },
            "Name of the node in logs and views; auto takes the machine's.")
        .Key("roles", new ListType<NodeRole>(SettingTypes.Choice(("front", NodeRole.Front), ("worker", NodeRole.Worker)), "a list of front and worker, not empty") { MayBeEmpty = false },
            static o => o.Roles, static (o, v) => o with { Roles = v },
            "What the node does: front takes HTTP calls, worker owns servers and sessions.");

    public static SectionType<ClusterOptions> Cluster { get; } = new SectionType<ClusterOptions>(ClusterOptions.Default)
        .Key("bind", SettingTypes.HostAndPort, static o => o.Bind, static (o, v) => o with { Bind = v },
            "Address of the traffic between nodes; port 0 takes a free one.")
        .Key("advertise", new OptionalType<HostPort>(SettingTypes.HostAndPort), static o => o.Advertise, static (o, v) => o with { Advertise = v },
            "Address other nodes reach this one by; null is bind, or an address of the machine where bind is all of them.")
        .Key("internal", SettingTypes.HostAndPort, static o => o.Internal, static (o, v) => o with { Internal = v },
            "Address of the HTTP between nodes; port 0 takes a free one.")
        .Key("seeds", new ListType<string>(SettingTypes.Text("host:port or a DNS name", IsSeed), "a list of host:port, or a DNS name") { TakesOne = true },
            static o => o.Seeds, static (o, v) => o with { Seeds = v },
            "Nodes to join; none makes a cluster of one. Behind a DNS name, nodes listen on the same port and advertise addresses.")
        .Key("requiredSeeds", SettingTypes.Integer(1, 1000), static o => o.RequiredSeeds, static (o, v) => o with { RequiredSeeds = v },
            "Addresses that the DNS names of seeds must show before a new cluster is formed; best the number of nodes behind them.")
        .Key("shards", SettingTypes.Integer(1, 4096), static o => o.Shards, static (o, v) => o with { Shards = v },
            "Shards that servers and sessions are spread over; fixed for the life of a cluster.")
        .Key("failover", SettingTypes.Choice(("fast", FailoverMode.Fast), ("balanced", FailoverMode.Balanced), ("safe", FailoverMode.Safe)),
            static o => o.Failover, static (o, v) => o with { Failover = v },
            "How fast a dead node is given up, against how patient the cluster is with a slow one.")
        .Key("tls", SecurityKeys.NodeTls, static o => o.Tls, static (o, v) => o with { Tls = v },
            "Certificates by which nodes know each other; 'mcpactors certs' makes some. Read at the start.")
        .Key("insecure", SettingTypes.Boolean, static o => o.Insecure, static (o, v) => o with { Insecure = v },
            "Lets bind leave loopback without TLS; warns at every start.");

    public static SectionType<PersistenceOptions> Persistence { get; } = new SectionType<PersistenceOptions>(PersistenceOptions.Default)
        .Key("provider", SettingTypes.Choice(("sqlite", PersistenceProvider.Sqlite), ("postgres", PersistenceProvider.Postgres)), static o => o.Provider, static (o, v) => o with { Provider = v },
            "The store of events: a file for nodes on one machine, PostgreSQL (15 or later; run 'mcpactors migrate' first) for nodes on several.")
        .Key("connection", Connection, static o => o.Connection, static (o, v) => o with { Connection = v },
            "Its connection string; a relative path of the file starts from the folder of this file.")
        .Key("retention", SettingTypes.Duration(TimeSpan.FromDays(1), TimeSpan.FromDays(3650)), static o => o.Retention, static (o, v) => o with { Retention = v },
            "How long history is kept that recovery does not need; ended sessions go after an hour.");

    public static SectionType<ListenerOptions> Front { get; } = Listener(ListenerOptions.Front)
        .Later("errors", "\"protocol\"", "How the gateway's own errors of tools/call are told: protocol or toolResult.");

    public static SectionType<ListenerOptions> Management { get; } = Listener(ListenerOptions.Management);

    public static SectionType<LogOptions> Logs { get; } = new SectionType<LogOptions>(LogOptions.Default)
        .Key("format", SettingTypes.Choice(("json", LogFormat.Json), ("text", LogFormat.Text)), static o => o.Format, static (o, v) => o with { Format = v },
            "Form of a line.")
        .Key("level", SettingTypes.Choice(("trace", LogSeverity.Trace), ("debug", LogSeverity.Debug), ("information", LogSeverity.Information), ("warning", LogSeverity.Warning), ("error", LogSeverity.Error)),
            static o => o.Level, static (o, v) => o with { Level = v },
            "Least severity that is logged.");

    public static SectionType<ObservabilityOptions> Observability { get; } = new SectionType<ObservabilityOptions>(ObservabilityOptions.Default)
        .Key("logs", Logs, static o => o.Logs, static (o, v) => o with { Logs = v }, "Logs, on standard error.")
        .Group("otlp", new SectionType<ObservabilityOptions>(ObservabilityOptions.Default)
            .Key("endpoint", new OptionalReferenceType<Uri>(SettingTypes.HttpUrl), static o => o.OtlpEndpoint, static (o, v) => o with { OtlpEndpoint = v },
                "Collector that gets the traces by OTLP, for example http://127.0.0.1:4317; null exports nothing."),
            "Export of traces.");

    public static SectionType<LimitOptions> Limits { get; } = new SectionType<LimitOptions>(LimitOptions.Default)
        .Key("request", Bytes, static o => o.Request, static (o, v) => o with { Request = v }, "Body of a client's request.")
        .Key("result", Bytes, static o => o.Result, static (o, v) => o with { Result = v }, "One message or answer of an HTTP server.")
        .Key("line", Bytes, static o => o.Line, static (o, v) => o with { Line = v }, "One line of a stdio server.")
        .Key("depth", SettingTypes.Integer(8, MostDepth), static o => o.Depth, static (o, v) => o with { Depth = v }, "Nesting of JSON.")
        .Key("sessions", SettingTypes.Integer(1, 10_000_000), static o => o.Sessions, static (o, v) => o with { Sessions = v }, "Client sessions of a node.")
        .Key("sessionIdle", SettingTypes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)), static o => o.SessionIdle, static (o, v) => o with { SessionIdle = v },
            "A session without a request for this long ends.")
        .Key("sessionBuffer", SettingTypes.Size(4L << 10, 1L << 30), static o => o.SessionBuffer, static (o, v) => o with { SessionBuffer = v },
            "Kept for a client's stream whose reader is slow; beyond it the oldest messages go.");

    public static SectionType<ShutdownOptions> Shutdown { get; } = new SectionType<ShutdownOptions>(ShutdownOptions.Default)
        .Key("notice", SettingTypes.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(5)), static o => o.Notice, static (o, v) => o with { Notice = v },
            "How long calls are still taken after readiness says that the node stops, so that balancers see it; not by a node that is alone.")
        .Key("drain", SettingTypes.Duration(TimeSpan.Zero, TimeSpan.FromHours(1)), static o => o.Drain, static (o, v) => o with { Drain = v },
            "How long calls in flight may take to end.");

    private static ScalarType<string> Connection => new()
    {
        Takes = "a connection string such as Data Source=data/mcpactors.db or Host=db;Database=mcpactors;Username=mcpactors;Password=${env:DB_PASSWORD}",
        Parse = static (string text, Source.SourceMark mark, out string value) =>
        {
            value = FilePaths.Connection(text, mark.File);
            return text.Contains('=', StringComparison.Ordinal) && FilePaths.IsPath(text);
        },
        Format = static value => value,
        Masked = SecretNames.MaskConnection,
    };

    private static ScalarType<long> Bytes => SettingTypes.Size(1L << 10, 1L << 30);

    private static SectionType<ListenerOptions> Listener(ListenerOptions defaults) => new SectionType<ListenerOptions>(defaults)
        .Key("listen", SettingTypes.HostAndPort, static o => o.Listen, static (o, v) => o with { Listen = v },
            "Address; port 0 takes a free one.")
        .Key("publicUrl", new OptionalReferenceType<Uri>(SettingTypes.HttpUrl), static o => o.PublicUrl, static (o, v) => o with { PublicUrl = v },
            "The URL users reach it by where a proxy stands before it; its host and origin are served.")
        .Key("tls", SecurityKeys.ListenerTls, static o => o.Tls, static (o, v) => o with { Tls = v },
            "Certificate; without one the listener speaks plain HTTP. Read again when its files change.")
        .Key("allowedHosts", new ListType<string>(SettingTypes.Text("a host name, or name:port", IsAuthority), "a list of host names"),
            static o => o.AllowedHosts, static (o, v) => o with { AllowedHosts = v },
            "Values of Host that are served beside loopback; without a port every port is.")
        .Key("allowedOrigins", new ListType<string>(SettingTypes.Text("an origin such as https://app.example", IsOrigin), "a list of origins"),
            static o => o.AllowedOrigins, static (o, v) => o with { AllowedOrigins = v },
            "Values of Origin that are served beside loopback.")
        .Key("trustedProxies", new ListType<IPNetwork>(SettingTypes.Network, "a list of addresses or networks"),
            static o => o.TrustedProxies, static (o, v) => o with { TrustedProxies = v },
            "Proxies whose forwarded headers are believed.")
        .Key("auth", SecurityKeys.Auth, static o => o.Auth, static (o, v) => o with { Auth = v }, "Who may use it.")
        .Key("insecure", SettingTypes.Boolean, static o => o.Insecure, static (o, v) => o with { Insecure = v },
            "Lets listen leave loopback without authentication; warns at every start.");

    private static bool IsSeed(string text) => HostPort.TryParse(text, out var seed) ? seed.Port > 0 : HostPort.IsHost(text) && text != "*";

    private static bool IsAuthority(string text) => text != "*" && (HostPort.TryParse(text, out _) || HostPort.IsHost(text) || (text.StartsWith('[') && IPAddress.TryParse(text, out _)));

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && text.Contains("://", StringComparison.Ordinal) && uri is { AbsolutePath: "/" or "", Query: "", Fragment: "", UserInfo: "", Host.Length: > 0 };
}
