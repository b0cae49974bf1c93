using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;

namespace McpActors.Cluster.Sessions;

/// <summary>What a new session needs.</summary>
/// <param name="Route">The server it is opened on, or <see cref="SessionInfo.AllServers"/>.</param>
/// <param name="Profile">The negotiated revision and what the client said of itself.</param>
/// <param name="Principal">Who opens it; null when nobody is known.</param>
public sealed record SessionOpen(string Route, ClientProfile Profile, string? Principal);

/// <summary>The sessions of legacy clients. A session that this node knows is answered without asking anybody.</summary>
public interface ISessions
{
    /// <summary>Sessions this node knows.</summary>
    int Count { get; }

    /// <summary>Opens a session under a new id. With the journal down it works all the same and is marked so (<see cref="SessionInfo.Stored"/>).</summary>
    /// <exception cref="SessionRefusedException">A limit is reached.</exception>
    Task<SessionInfo> OpenAsync(SessionOpen open, CancellationToken ct);

    /// <summary>The session, or null when there is none or it is over. Any text may be asked for. Does not count as a use.</summary>
    /// <exception cref="SessionUnavailableException">Whether there is one cannot be told now; the client should try again.</exception>
    ValueTask<SessionInfo?> FindAsync(string id, CancellationToken ct);

    /// <summary>Sets the log level. Null when there is no such session.</summary>
    Task<SessionInfo?> SetLogLevelAsync(string id, SessionLogLevel level, CancellationToken ct);

    /// <summary>Subscribes to a resource. Null when there is no such session.</summary>
    /// <exception cref="SessionRefusedException">Too many.</exception>
    Task<SessionInfo?> SubscribeAsync(string id, ResourceSubscription resource, CancellationToken ct);

    /// <summary>Ends a subscription. Null when there is no such session.</summary>
    Task<SessionInfo?> UnsubscribeAsync(string id, ResourceSubscription resource, CancellationToken ct);

    /// <summary>Ends the session and its streams. False when there is none.</summary>
    Task<bool> CloseAsync(string id, SessionEnd reason, CancellationToken ct);

    /// <summary>The session was used. Costs nothing; told to its owner now and then.</summary>
    void Touch(string id);

    /// <summary>The sessions this node knows, oldest first.</summary>
    IReadOnlyList<SessionInfo> List();
}

/// <summary>A session cannot be opened or changed; the message says which limit and what to do.</summary>
/// <param name="message">In words.</param>
/// <param name="retryAfter">When another attempt makes sense; null: the same will be refused again.</param>
public sealed class SessionRefusedException(string message, TimeSpan? retryAfter = null) : Exception(message)
{
    /// <summary>When another attempt makes sense; null: the same will be refused again.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>The owner of a session or its journal does not answer in time.</summary>
public sealed class SessionUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether its owner is there, and cannot read the journal.</summary>
    public bool NoJournal { get; init; }
}
