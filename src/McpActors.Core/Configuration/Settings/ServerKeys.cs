namespace McpActors.Core.Configuration.Settings;

/// <summary>The keys of one server, and of <c>defaults</c>, which has all but those that say which server it is.</summary>
internal static class ServerKeys
{
    /// <summary>A server's own map.</summary>
    public static SectionType<ServerDefinition> Server { get; } = Add(Identity(new ServerSection())).Type;

    /// <summary>What every server inherits.</summary>
    public static SectionType<ServerDefinition> Defaults { get; } = Add(new ServerSection()).Type;

    private static ServerSection Identity(ServerSection section) => section
        .Setting("url", new OptionalReferenceType<Uri>(SettingTypes.HttpUrl), static s => s.Url, static (s, v) => s with { Url = v },
            "Where an HTTP server is; this, endpoints or command.")
        .Setting("endpoints", new ListType<ServerEndpoint>(EndpointKeys.Endpoint, "a list of maps with url and weight") { ItemDefault = ServerEndpoint.Default }, static s => s.Endpoints, static (s, v) => s with { Endpoints = v },
            "Replicas of the same server instead of url, up to 32. Calls go to the one with the least outstanding for its weight; one that does badly is left out for a while.")
        .Setting("command", new OptionalReferenceType<string>(Program), static s => s.Command, static (s, v) => s with { Command = v },
            "Program of a stdio server, without a shell; this, url or endpoints. A bare name is searched on PATH.")
        .Setting("args", new ListType<string>(SettingTypes.Text(), "a list of texts") { Masked = SecretNames.MaskArguments }, static s => s.Arguments, static (s, v) => s with { Arguments = v },
            "Arguments of the program.")
        .Key("transport", new OptionalType<ServerTransport>(Transport), static d => d.Transport, static (d, v) => d with { Transport = v },
            "How it is reached; null follows from url, endpoints or command.")
        .Setting("title", new OptionalReferenceType<string>(SettingTypes.Text("a text of 1 to 200 characters", static t => t.Length is > 0 and <= 200)),
            static s => s.Title.Length == 0 ? null : s.Title, static (s, v) => s with { Title = v ?? "" },
            "Name for people; null is the id.");

    private static ServerSection Add(ServerSection section) => Machines(Basics(section))
        .Group("health", new ServerSection().Setting(
                "interval", SettingTypes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)), static s => s.HealthInterval, static (s, v) => s with { HealthInterval = v },
                "Between probes where there was no traffic; a stopped process is not woken."),
            "Active probes.")
        .Setting("labels", new MapType<string>(SettingTypes.Text("a text of at most 64 characters", static t => t.Length <= 64), "a map of label names to texts", "") { CheckName = ServerRules.Label, Most = 8 },
            static s => s.Labels, static (s, v) => s with { Labels = v },
            "Up to 8 labels for metrics, logs and alerts.")
        .Setting("tools", new MapType<ToolModel>(ToolKeys.Tool, "a map of tool names", ToolModel.Default) { CheckName = ServerRules.Tool, Most = 10_000, NullRemoves = false },
            static s => s.Tools, static (s, v) => s with { Tools = v },
            "What you say of single tools, by their names at the server.")
        .Later("sandbox", "null", "Container the process runs in.");

    private static ServerSection Basics(ServerSection section) => section
        .Setting("headers", new MapType<string>(SettingTypes.Text("a text of printable ASCII characters", ServerRules.IsHeaderValue), "a map of header names to texts", "")
        { CheckName = ServerRules.Header, Comparer = StringComparer.OrdinalIgnoreCase, MasksByName = true },
            static s => s.Headers, static (s, v) => s with { Headers = v },
            "HTTP: headers of every request.")
        .Setting("env", new MapType<string>(SettingTypes.Text("text", static t => !t.Contains('\0', StringComparison.Ordinal)), "a map of variable names to texts", "")
        { CheckName = ServerRules.Variable, MasksByName = true },
            static s => s.Environment, static (s, v) => s with { Environment = v },
            "Stdio: environment variables beside the clean base.")
        .Key("envFile", new OptionalReferenceType<string>(SettingTypes.Path()), static d => d.EnvironmentFile, static (d, v) => d with { EnvironmentFile = v },
            "Stdio: file of NAME=value lines; env wins over it.")
        .Setting("cwd", new OptionalReferenceType<string>(SettingTypes.Path()), static s => s.WorkingDirectory, static (s, v) => s with { WorkingDirectory = v },
            "Stdio: working directory; null is the folder of this file.")
        .Setting("enabled", SettingTypes.Boolean, static s => s.Enabled, static (s, v) => s with { Enabled = v },
            "Whether it takes calls.")
        .Setting("protocol", SettingTypes.Choice<string?>([("auto", null), .. ServerRules.Protocols.Select(static p => (p, (string?)p))]), static s => s.Protocol, static (s, v) => s with { Protocol = v },
            "Protocol revision to speak; auto detects it.")
        .Setting("trustAnnotations", SettingTypes.Boolean, static s => s.TrustAnnotations, static (s, v) => s with { TrustAnnotations = v },
            "Whether its readOnlyHint and idempotentHint count.")
        .Setting("isolation", new OptionalType<Isolation>(SettingTypes.Choice(("shared", Isolation.Shared), ("principal", Isolation.Principal), ("session", Isolation.Session))),
            static s => s.Isolation == Isolation.Default ? null : s.Isolation, static (s, v) => s with { Isolation = v ?? Isolation.Default },
            "Who shares a process or session; null is shared for stdio, and for HTTP session where the client has one, else principal.")
        .Setting("start", SettingTypes.Choice(("onDemand", StartMode.OnDemand), ("eager", StartMode.Eager)), static s => s.Start, static (s, v) => s with { Start = v },
            "When it is started: by the first call or list, or with the node.")
        .Setting("idleStop", SettingTypes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)), static s => s.IdleStop, static (s, v) => s with { IdleStop = v },
            "A process or session without calls for this long is stopped.");

    private static ServerSection Machines(ServerSection section) => section
        .Setting("timeout", MachineKeys.Timeout, static s => s.Timeout, static (s, v) => s with { Timeout = v }, "Time limits.")
        .Setting("retry", MachineKeys.Retry, static s => s.Retry, static (s, v) => s with { Retry = v }, "Retries of calls that may be repeated.")
        .Setting("circuit", MachineKeys.Circuit, static s => s.Circuit, static (s, v) => s with { Circuit = v }, "Circuit breaker.")
        .Setting("concurrency", MachineKeys.Concurrency, static s => s.Concurrency, static (s, v) => s with { Concurrency = v }, "Calls at once, and the queue before them.")
        .Later("hedge", """{"enabled":false,"delay":"p95","budget":"5%"}""", "A second attempt beside a slow one.")
        .Setting("cache", MachineKeys.Cache, static s => s.Cache, static (s, v) => s with { Cache = v }, "Cache of answers.");

    private static ScalarType<ServerTransport> Transport =>
        SettingTypes.Choice([("http", ServerTransport.Http), ("stdio", ServerTransport.Stdio)], later: ["sse", "websocket"]);

    private static ScalarType<string> Program => new()
    {
        Takes = "a program",
        Parse = static (string text, Source.SourceMark mark, out string value) =>
        {
            value = FilePaths.Program(text, mark.File);
            return FilePaths.IsPath(text);
        },
        Format = static value => value,
    };
}

/// <summary>Builds the keys of a server; most of them are parts of its model.</summary>
internal sealed class ServerSection
{
    /// <summary>What is built.</summary>
    public SectionType<ServerDefinition> Type { get; } = new(ServerDefinition.Default);

    /// <summary>Adds a key that sets a part of the model.</summary>
    public ServerSection Setting<TPart>(string name, SettingType<TPart> type, Func<ServerModel, TPart> get, Func<ServerModel, TPart, ServerModel> set, string doc) =>
        Key(name, type, definition => get(definition.Settings), (definition, value) => definition with { Settings = set(definition.Settings, value) }, doc);

    /// <summary>Adds a key that sets what only a definition has.</summary>
    public ServerSection Key<TPart>(string name, SettingType<TPart> type, Func<ServerDefinition, TPart> get, Func<ServerDefinition, TPart, ServerDefinition> set, string doc)
    {
        Type.Key(name, type, get, set, doc);
        return this;
    }

    /// <summary>Adds a key that holds further keys of the same server.</summary>
    public ServerSection Group(string name, ServerSection keys, string doc)
    {
        Type.Group(name, keys.Type, doc);
        return this;
    }

    /// <summary>Adds a key that this version does not act upon.</summary>
    public ServerSection Later(string name, string defaultJson, string doc)
    {
        Type.Later(name, defaultJson, doc);
        return this;
    }
}

/// <summary>The keys of one replica.</summary>
internal static class EndpointKeys
{
    public static SectionType<ServerEndpoint> Endpoint { get; } = new SectionType<ServerEndpoint>(ServerEndpoint.Default)
        .Key("url", new OptionalReferenceType<Uri>(SettingTypes.HttpUrl), static e => e.Url, static (e, v) => e with { Url = v! },
            "Where it is.")
        .Key("weight", SettingTypes.Integer(1, 100), static e => e.Weight, static (e, v) => e with { Weight = v },
            "Its share of the calls against the others'.");
}

/// <summary>The keys of one tool.</summary>
internal static class ToolKeys
{
    private static readonly SettingType<TimeSpan?> Limit = new OptionalType<TimeSpan>(SettingTypes.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(24)));

    private static readonly SettingType<TimeSpan?> Ttl = new OptionalType<TimeSpan>(SettingTypes.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(30)));

    public static SectionType<ToolModel> Tool { get; } = new SectionType<ToolModel>(ToolModel.Default)
        .Key("effect", new OptionalType<ToolEffect>(SettingTypes.Choice(("readOnly", ToolEffect.ReadOnly), ("idempotent", ToolEffect.Idempotent), ("write", ToolEffect.Write))),
            static t => t.Effect, static (t, v) => t with { Effect = v },
            "What it does to the world; decides what may be retried and cached. null is write, unless trusted annotations say better.")
        .Group("cache", new SectionType<ToolModel>(ToolModel.Default).Key("ttl", Ttl, static t => t.CacheTtl, static (t, v) => t with { CacheTtl = v },
            "How long its results are cached, if it is readOnly; null: not at all."), "Cache of its results.")
        .Group("timeout", new SectionType<ToolModel>(ToolModel.Default).Key("call", Limit, static t => t.CallTimeout, static (t, v) => t with { CallTimeout = v },
            "Its time limit in all; null is the server's."), "Time limits.")
        .Key("hidden", SettingTypes.Boolean, static t => t.Hidden, static (t, v) => t with { Hidden = v }, "Neither listed nor callable.");
}
