using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Deadlines;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Servers;

/// <summary>One replica of a server.</summary>
/// <param name="Address">Where it is, without secrets, for people.</param>
/// <param name="Weight">Its share of the calls against the others'.</param>
public sealed record ReplicaSettings(string Address, int Weight)
{
    /// <summary>A server without replicas.</summary>
    public static ReplicaSettings Lone { get; } = new("", 1);
}

/// <summary>What the decisions about a server depend upon: the part of its definition that is not about how to reach it.</summary>
public sealed record ServerSettings
{
    /// <summary>Hexadecimal digits of <see cref="DefinitionMark"/>.</summary>
    private const int MarkLength = 6;

    /// <summary>The server.</summary>
    public required ServerId Server { get; init; }

    /// <summary>Whether the catalogue has it.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>Names the definition; changes with everything in it.</summary>
    public string Revision { get; init; } = "";

    /// <summary>Whether it may be used.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether a connection to it is a child process.</summary>
    public bool IsProcess { get; init; }

    /// <summary>Whether it is started at once and kept running.</summary>
    public bool Eager { get; init; }

    /// <summary>A connection without a call for this long is closed. Zero: never. Default 10 min.</summary>
    public TimeSpan IdleStop { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether the server's own annotations decide about repeating its tools.</summary>
    public bool TrustAnnotations { get; init; }

    /// <summary>What the operator says about single tools.</summary>
    public FrozenDictionary<string, CallClass> ToolClasses { get; init; } = FrozenDictionary<string, CallClass>.Empty;

    /// <summary>Time limits.</summary>
    public TimeoutOptions Timeout { get; init; } = TimeoutOptions.Default;

    /// <summary>Retries.</summary>
    public RetryOptions Retry { get; init; } = RetryOptions.Default;

    /// <summary>Circuit.</summary>
    public CircuitOptions Circuit { get; init; } = CircuitOptions.Default;

    /// <summary>Permits and queue.</summary>
    public BulkheadOptions Concurrency { get; init; } = BulkheadOptions.Default;

    /// <summary>Cache.</summary>
    public CacheOptions Cache { get; init; } = CacheOptions.Default;

    /// <summary>Changes exactly when connections must be opened anew: address, command, credentials, protocol, isolation.</summary>
    public string ConnectionFingerprint { get; init; } = "";

    /// <summary>Its replicas in the order of the configuration; one for a server that has none.</summary>
    public IReadOnlyList<ReplicaSettings> Replicas { get; init; } = [ReplicaSettings.Lone];

    /// <summary>Names the server behind the definition, without secrets, so that it may be stored: under another address it may be another server.</summary>
    public string Address { get; init; } = "";

    /// <summary>
    /// Tells stored results of this definition from those of another. Credentials are part of what it is made of, so it is short: enough to see a change, too
    /// little to try a guessed credential against.
    /// </summary>
    public string DefinitionMark => ConnectionFingerprint.Length > MarkLength ? ConnectionFingerprint[..MarkLength] : ConnectionFingerprint;

    /// <summary>How it is reached, in one word.</summary>
    public string Transport => IsProcess ? "stdio" : "http";

    /// <summary>The settings of a server as it is in effect.</summary>
    public static ServerSettings Of(ServerModel model) => new()
    {
        Server = model.Id,
        Revision = model.Revision,
        Enabled = model.Enabled,
        IsProcess = model.Transport == ServerTransport.Stdio,
        Eager = model.Start == StartMode.Eager,
        IdleStop = model.IdleStop,
        TrustAnnotations = model.TrustAnnotations,
        ToolClasses = model.Tools.Where(tool => tool.Value.Effect is not null)
            .ToFrozenDictionary(tool => tool.Key, tool => ClassOf(tool.Value.Effect!.Value), StringComparer.Ordinal),
        Timeout = model.Timeout,
        Retry = model.Retry,
        Circuit = model.Circuit,
        Concurrency = model.Concurrency,
        Cache = model.Cache,
        ConnectionFingerprint = Fingerprint(model),
        Address = AddressOf(model),
        Replicas = model.Transport == ServerTransport.Http ? ReplicasOf(model) : [ReplicaSettings.Lone],
    };

    /// <summary>A server that the catalogue does not have.</summary>
    public static ServerSettings Missing(ServerId server) => new() { Server = server, Exists = false, Enabled = false };

    private static CallClass ClassOf(ToolEffect effect) => effect switch
    {
        ToolEffect.ReadOnly => CallClass.ReadOnlyTool,
        ToolEffect.Idempotent => CallClass.IdempotentTool,
        _ => CallClass.WriteTool,
    };

    private static string AddressOf(ServerModel model) => model.Transport == ServerTransport.Stdio
        ? $"stdio:{model.Command} {model.Protocol}"
        : $"http:{string.Join(' ', ReplicasOf(model).Select(static replica => replica.Address))} {model.Protocol}";

    // Without the query, which may hold a key.
    private static ReplicaSettings[] ReplicasOf(ServerModel model) => model.Endpoints.Count == 0
        ? [new ReplicaSettings(Shown(model.Url), 1)]
        : [.. model.Endpoints.Select(static endpoint => new ReplicaSettings(Shown(endpoint.Url), endpoint.Weight))];

    private static string Shown(Uri? url) => url?.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) ?? "";

    // A hash, because credentials are part of it.
    private static string Fingerprint(ServerModel model)
    {
        var text = new StringBuilder();
        void Add(string? part) => text.Append(part?.Length ?? -1).Append(':').Append(part);
        void AddAll(IReadOnlyDictionary<string, string> parts)
        {
            foreach (var (name, value) in parts.OrderBy(part => part.Key, StringComparer.Ordinal))
            {
                Add(name);
                Add(value);
            }
        }

        Add(model.Transport.ToString());
        Add(model.Url?.AbsoluteUri);
        foreach (var endpoint in model.Endpoints)
        {
            Add(endpoint.Url.AbsoluteUri);
        }

        AddAll(model.Headers);
        Add(model.Command);
        foreach (var argument in model.Arguments)
        {
            Add(argument);
        }

        AddAll(model.Environment);
        Add(model.WorkingDirectory);
        Add(model.Protocol);
        Add(model.Isolation.ToString());
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
