using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Deadlines;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Configuration;

/// <summary>How a server is reached.</summary>
public enum ServerTransport
{
    /// <summary>Streamable HTTP.</summary>
    Http,

    /// <summary>A child process over its standard input and output.</summary>
    Stdio,
}

/// <summary>Who shares an upstream session or process.</summary>
public enum Isolation
{
    /// <summary>Stdio: shared. HTTP: one per client session where there is one, else one per principal.</summary>
    Default,

    /// <summary>Everybody shares one.</summary>
    Shared,

    /// <summary>One per principal.</summary>
    Principal,

    /// <summary>One per client session.</summary>
    Session,
}

/// <summary>When a server is started.</summary>
public enum StartMode
{
    /// <summary>By the first call or list.</summary>
    OnDemand,

    /// <summary>With the node, and again whenever it ends.</summary>
    Eager,
}

/// <summary>What a tool does to the world, as the operator says; it decides what may be retried and cached.</summary>
public enum ToolEffect
{
    /// <summary>It may change something, and doing it twice is not doing it once. The default.</summary>
    Write,

    /// <summary>Doing it twice is doing it once.</summary>
    Idempotent,

    /// <summary>It changes nothing.</summary>
    ReadOnly,
}

/// <summary>One replica of a server.</summary>
public sealed record ServerEndpoint
{
    /// <summary>The most replicas of one server.</summary>
    public const int Most = 32;

    /// <summary>One of which nothing is said; not complete.</summary>
    internal static ServerEndpoint Default { get; } = new() { Url = null! };

    /// <summary>Where it is.</summary>
    public required Uri Url { get; init; }

    /// <summary>Its share of the calls against the others'. 1 to 100; default 1.</summary>
    public int Weight { get; init; } = 1;
}

/// <summary>What the operator says of one tool.</summary>
public sealed record ToolModel
{
    /// <summary>A tool of which nothing is said.</summary>
    public static ToolModel Default { get; } = new();

    /// <summary>Its effect; null when the operator does not say, so that trusted annotations may.</summary>
    public ToolEffect? Effect { get; init; }

    /// <summary>How long its results are cached. Default: not at all.</summary>
    public TimeSpan? CacheTtl { get; init; }

    /// <summary>Its total time limit; default: the server's.</summary>
    public TimeSpan? CallTimeout { get; init; }

    /// <summary>Neither listed nor callable.</summary>
    public bool Hidden { get; init; }
}

/// <summary>
/// One configured server with every setting in effect after <c>defaults:</c>; immutable, and replaced whole when anything of it changes.
/// This is what actors and transports see; what people write is read and checked before it becomes one.
/// </summary>
public sealed record ServerModel
{
    /// <summary>Its id.</summary>
    public required ServerId Id { get; init; }

    /// <summary>Its name for people; the id unless it was imported under another name.</summary>
    public required string Title { get; init; }

    /// <summary>How it is reached.</summary>
    public required ServerTransport Transport { get; init; }

    /// <summary>HTTP: where; null when there are <see cref="Endpoints"/> instead.</summary>
    public Uri? Url { get; init; }

    /// <summary>HTTP: replicas of the same server instead of <see cref="Url"/>, at most <see cref="ServerEndpoint.Most"/>.</summary>
    public IReadOnlyList<ServerEndpoint> Endpoints { get; init; } = [];

    /// <summary>HTTP: headers of every request; values may be secret.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Stdio: the program, found on PATH or by its path; no shell.</summary>
    public string? Command { get; init; }

    /// <summary>Stdio: its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Stdio: environment beside the clean base, <c>envFile</c> already read in; values may be secret.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Stdio: working directory, absolute.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether it takes calls.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The revision to speak, as configured; null: detected.</summary>
    public string? Protocol { get; init; }

    /// <summary>Whether its tools' annotations count.</summary>
    public bool TrustAnnotations { get; init; }

    /// <summary>Time limits.</summary>
    public TimeoutOptions Timeout { get; init; } = TimeoutOptions.Default;

    /// <summary>Retries.</summary>
    public RetryOptions Retry { get; init; } = RetryOptions.Default;

    /// <summary>Circuit breaker.</summary>
    public CircuitOptions Circuit { get; init; } = CircuitOptions.Default;

    /// <summary>Concurrency limit and queue.</summary>
    public BulkheadOptions Concurrency { get; init; } = BulkheadOptions.Default;

    /// <summary>Cache.</summary>
    public CacheOptions Cache { get; init; } = CacheOptions.Default;

    /// <summary>Who shares a session or process.</summary>
    public Isolation Isolation { get; init; }

    /// <summary>When it is started.</summary>
    public StartMode Start { get; init; }

    /// <summary>A process or session without calls for this long is stopped. 1 s to 24 h; default 10 min.</summary>
    public TimeSpan IdleStop { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Between active probes where there was no traffic. 1 s to 24 h; default 30 s.</summary>
    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Labels for metrics and logs.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>What the operator says of single tools, by the tool's own name.</summary>
    public IReadOnlyDictionary<string, ToolModel> Tools { get; init; } = new Dictionary<string, ToolModel>();

    /// <summary>A hash over everything above: two models with the same revision behave the same.</summary>
    public required string Revision { get; init; }

    /// <summary>HTTP: how many addresses it has; a process counts as one.</summary>
    public int EndpointCount => Math.Max(1, Endpoints.Count);

    /// <summary>HTTP: the address of a replica; null when there is no such replica.</summary>
    /// <param name="endpoint">Its place in the configuration; 0 for a server with a <see cref="Url"/>.</param>
    public Uri? UrlOf(int endpoint) =>
        Endpoints.Count == 0 ? (endpoint == 0 ? Url : null) : endpoint < Endpoints.Count ? Endpoints[endpoint].Url : null;

    /// <summary>What the operator says of <paramref name="name"/>.</summary>
    public ToolModel Tool(string name) => Tools.TryGetValue(name, out var tool) ? tool : ToolModel.Default;
}
