using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Sessions;

/// <summary>Anything that belongs to one client session.</summary>
public interface IWithSessionId
{
    /// <summary>The session it belongs to.</summary>
    string SessionId { get; }
}

/// <summary>An order to a session.</summary>
public interface ISessionCommand : IWithSessionId;

/// <summary>A question to a session.</summary>
public interface ISessionQuery : IWithSessionId;

/// <summary>Something that happened to a session and that its journal keeps. Events only grow.</summary>
public interface ISessionEvent : IWithSessionId
{
    /// <summary>When it happened.</summary>
    DateTimeOffset At { get; }
}

/// <summary>What a session answers, and what it tells the nodes that use it.</summary>
public interface ISessionReply : IWithSessionId;

/// <summary>Why a session is over.</summary>
public enum SessionEnd
{
    /// <summary>The client ended it.</summary>
    Closed,

    /// <summary>Nobody used it for the idle time.</summary>
    Idle,

    /// <summary>An operator ended it.</summary>
    Operator,
}

/// <summary>What is said to and by the actor of one legacy client's session.</summary>
public static class SessionProtocol
{
    /// <summary>Opens a session under a fresh id. Answers: <see cref="SessionFound"/> once it is stored, or after a moment with <see cref="SessionInfo.Stored"/> false; <see cref="SessionRefused"/>.</summary>
    public sealed record Open(string SessionId, string Route, ClientProfile Profile, string? Principal) : ISessionCommand;

    /// <summary>Sets the log level. Answers: <see cref="SessionFound"/>, <see cref="SessionUnknown"/>.</summary>
    public sealed record SetLogLevel(string SessionId, SessionLogLevel Level) : ISessionCommand;

    /// <summary>Subscribes to a resource. Answers: <see cref="SessionFound"/>, <see cref="SessionRefused"/>, <see cref="SessionUnknown"/>.</summary>
    public sealed record Subscribe(string SessionId, ResourceSubscription Resource) : ISessionCommand;

    /// <summary>Ends a subscription; none is no fault. Answers as <see cref="Subscribe"/>.</summary>
    public sealed record Unsubscribe(string SessionId, ResourceSubscription Resource) : ISessionCommand;

    /// <summary>The session was used. The sender hears from now on of changes and of the end. Answered only when there is no such session: <see cref="SessionUnknown"/>.</summary>
    /// <param name="SessionId">The session.</param>
    /// <param name="At">When, by the clock of the node where it was used.</param>
    public sealed record Touch(string SessionId, DateTimeOffset At) : ISessionCommand
    {
        /// <summary>How long ago that was when it was said: what counts, because clocks of nodes may differ. Null from a node that does not say it.</summary>
        public TimeSpan? Ago { get; init; }
    }

    /// <summary>Ends the session. Answers: <see cref="SessionEnded"/>, <see cref="SessionUnknown"/>.</summary>
    public sealed record Close(string SessionId, SessionEnd Reason) : ISessionCommand;

    /// <summary>Asks for the session. Answers: <see cref="SessionFound"/>, <see cref="SessionUnknown"/>, <see cref="SessionUnavailable"/>.</summary>
    public sealed record GetSession(string SessionId) : ISessionQuery;

    /// <summary>It was opened.</summary>
    public sealed record SessionOpened(string SessionId, string Route, ClientProfile Profile, string? Principal, DateTimeOffset At) : ISessionEvent;

    /// <summary>The client asked for another log level.</summary>
    public sealed record LogLevelSet(string SessionId, SessionLogLevel Level, DateTimeOffset At) : ISessionEvent;

    /// <summary>A subscription began.</summary>
    public sealed record Subscribed(string SessionId, ResourceSubscription Resource, DateTimeOffset At) : ISessionEvent;

    /// <summary>A subscription ended.</summary>
    public sealed record Unsubscribed(string SessionId, ResourceSubscription Resource, DateTimeOffset At) : ISessionEvent;

    /// <summary>It was still in use then. Written seldom, so that a restart knows an idle session from a busy one.</summary>
    public sealed record SessionTouched(string SessionId, DateTimeOffset At) : ISessionEvent;

    /// <summary>It is over.</summary>
    public sealed record SessionClosed(string SessionId, SessionEnd Reason, DateTimeOffset At) : ISessionEvent;

    /// <summary>The session as it is now; also sent unasked, after a change, to the nodes that use it.</summary>
    public sealed record SessionFound(SessionInfo Info) : ISessionReply
    {
        /// <inheritdoc/>
        public string SessionId => Info.Id;
    }

    /// <summary>There is no such session, or it is over.</summary>
    public sealed record SessionUnknown(string SessionId) : ISessionReply;

    /// <summary>The session is over; also sent unasked to the nodes that use it.</summary>
    public sealed record SessionEnded(string SessionId, SessionEnd Reason) : ISessionReply;

    /// <summary>
    /// Nobody spoke to the session for a while, and its actor is about to leave memory: who still uses it says so with <see cref="Touch"/>; who does not
    /// forgets it, and asks for it when it is used again, because from here on nobody tells of changes or of the end.
    /// </summary>
    public sealed record SessionResting(string SessionId) : ISessionReply;

    /// <summary>The order cannot be followed.</summary>
    public sealed record SessionRefused(string SessionId, string Reason) : ISessionReply;

    /// <summary>Whether there is such a session cannot be told: the journal does not answer. Not the same as unknown; ask again.</summary>
    public sealed record SessionUnavailable(string SessionId, string Reason) : ISessionReply;
}
