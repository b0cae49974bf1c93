using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Core.Sessions;

/// <summary>The life of a session. None → Open → Over; nothing comes after Over, because ids are used once.</summary>
public sealed record SessionState
{
    /// <summary>A session nobody opened.</summary>
    public static SessionState None { get; } = new();

    /// <summary>The session; null before it is opened.</summary>
    public SessionInfo? Info { get; private init; }

    /// <summary>Why it is over; null before.</summary>
    public SessionEnd? End { get; private init; }

    /// <summary>Its last use as far as the owner heard.</summary>
    public DateTimeOffset LastUse { get; private init; }

    /// <summary>Its last use as far as the journal knows.</summary>
    public DateTimeOffset LastRecordedUse { get; private init; }

    /// <summary>Whether it can be used.</summary>
    public bool IsOpen => Info is not null && End is null;

    /// <summary>Applies an event.</summary>
    /// <exception cref="InvalidOperationException">The event cannot have happened in this state: the journal is damaged or mixed up.</exception>
    public SessionState Evolve(ISessionEvent @event)
    {
        if (@event is SessionOpened opened)
        {
            return Info is null
                ? this with { Info = Start(opened), LastUse = opened.At, LastRecordedUse = opened.At }
                : throw Impossible(@event);
        }

        if (Info is not { } info || End is not null || info.Id != @event.SessionId)
            throw Impossible(@event);
        var next = this with { LastRecordedUse = Later(LastRecordedUse, @event.At), LastUse = Later(LastUse, @event.At) };
        return @event switch
        {
            LogLevelSet set => next with { Info = info with { LogLevel = set.Level } },
            Subscribed added => next with { Info = info with { Subscriptions = [.. info.Subscriptions.Where(s => s != added.Resource), added.Resource] } },
            Unsubscribed removed => next with { Info = info with { Subscriptions = [.. info.Subscriptions.Where(s => s != removed.Resource)] } },
            SessionTouched => next,
            SessionClosed closed => next with { End = closed.Reason },
            _ => throw Impossible(@event),
        };
    }

    /// <summary>Notes a use that is not worth an event.</summary>
    public SessionState Used(DateTimeOffset at) => this with { LastUse = Later(LastUse, at) };

    /// <summary>Notes that the journal took it.</summary>
    public SessionState Stored() => Info is null ? this : this with { Info = Info with { Stored = true } };

    private static SessionInfo Start(SessionOpened opened) => new()
    {
        Id = opened.SessionId,
        Route = opened.Route,
        Profile = opened.Profile,
        Principal = opened.Principal,
        CreatedAt = opened.At,
    };

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private InvalidOperationException Impossible(ISessionEvent @event) =>
        new($"{@event.GetType().Name} of session {@event.SessionId} cannot follow: the session is {(End is not null ? "over" : Info is null ? "not open" : "another")}.");
}
