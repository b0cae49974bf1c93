using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Sessions;

/// <summary>How much a session wants to hear of a server's log, least first.</summary>
public enum SessionLogLevel
{
    /// <summary>Everything.</summary>
    Debug,

    /// <summary>General information.</summary>
    Info,

    /// <summary>Normal but notable.</summary>
    Notice,

    /// <summary>Something may be wrong.</summary>
    Warning,

    /// <summary>Something is wrong.</summary>
    Error,

    /// <summary>A part failed.</summary>
    Critical,

    /// <summary>Act at once.</summary>
    Alert,

    /// <summary>Unusable.</summary>
    Emergency,
}

/// <summary>A resource whose updates a session wants.</summary>
/// <param name="Server">The server that has it.</param>
/// <param name="Uri">Its address there.</param>
public readonly record struct ResourceSubscription(ServerId Server, string Uri);

/// <summary>A client's session as the front needs it. Immutable; a change makes a new one.</summary>
public sealed record SessionInfo
{
    // Made when they are asked for: a session uses one of the two, and an idle one none.
    private SlotKey _own;
    private SlotKey _pooled;

    /// <summary>Who opens sessions while there is no authentication.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>Route of the aggregated endpoint.</summary>
    public const string AllServers = "*";

    /// <summary>The id in <c>Mcp-Session-Id</c>.</summary>
    public required string Id
    {
        get;
        init
        {
            field = value;
            _own = default;
        }
    }

    /// <summary>The upstream session or process that is its own, where a server keeps one for each session.</summary>
    public SlotKey Slot => _own.Value is null ? _own = SlotKey.ForSession(Id) : _own;

    /// <summary>The upstream session that it shares with the other sessions of its principal that speak the same revision and have the same capabilities.</summary>
    public SlotKey PooledSlot => _pooled.Value is null ? _pooled = SlotKey.ForPrincipal(Principal ?? Anonymous, Profile) : _pooled;

    /// <summary>The server it was opened on, or <see cref="AllServers"/>. It is valid nowhere else.</summary>
    public required string Route { get; init; }

    /// <summary>The negotiated revision, and what the client said of itself.</summary>
    public required ClientProfile Profile
    {
        get;
        init
        {
            field = value;
            _pooled = default;
        }
    }

    /// <summary>Who opened it. Nobody else may use it. Null: nobody is known.</summary>
    public string? Principal
    {
        get;
        init
        {
            field = value;
            _pooled = default;
        }
    }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The level the client asked for. Null: it did not ask.</summary>
    public SessionLogLevel? LogLevel { get; init; }

    /// <summary>The resources it subscribed to.</summary>
    public IReadOnlyList<ResourceSubscription> Subscriptions { get; init; } = [];

    /// <summary>False while the journal has not taken it: it works, but a restart of its node would end it.</summary>
    public bool Stored { get; init; }

    /// <summary>The negotiated revision.</summary>
    public ProtocolRevision ProtocolRevision => Profile.Revision;
}
