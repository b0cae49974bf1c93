using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Core.Sessions;

/// <summary>What a session does about a message.</summary>
/// <param name="State">The state after it.</param>
/// <param name="Events">What the journal has to keep, in order.</param>
/// <param name="Reply">What the sender hears; null: nothing.</param>
public sealed record SessionDecision(SessionState State, IReadOnlyList<ISessionEvent> Events, ISessionReply? Reply);

/// <summary>Decides for a session. Pure: the time is an input.</summary>
public static class SessionDecider
{
    /// <summary>Answers a command.</summary>
    public static SessionDecision Decide(SessionState state, ISessionCommand command, DateTimeOffset now, SessionSettings settings)
    {
        if (command is Open open)
            return DecideOpen(state, open, now, settings);
        if (!state.IsOpen)
            return new SessionDecision(state, [], new SessionUnknown(command.SessionId));
        return command switch
        {
            SetLogLevel set => state.Info!.LogLevel == set.Level
                ? Unchanged(state.Used(now))
                : Changed(state, new LogLevelSet(set.SessionId, set.Level, now)),
            Subscribe subscribe => DecideSubscribe(state, subscribe, now, settings),
            Unsubscribe unsubscribe => state.Info!.Subscriptions.Contains(unsubscribe.Resource)
                ? Changed(state, new Unsubscribed(unsubscribe.SessionId, unsubscribe.Resource, now))
                : Unchanged(state.Used(now)),
            Touch touch => DecideTouch(state, touch, now, settings),
            Close close => DecideEnd(state, close.Reason, now),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is no command of a session."),
        };
    }

    /// <summary>When the session ends by itself, if nothing happens. What the owner knows of its use lags by <see cref="SessionSettings.TouchEvery"/>.</summary>
    public static DateTimeOffset IdleEnd(SessionState state, SessionSettings settings) =>
        state.LastUse + settings.Idle + settings.TouchEvery;

    /// <summary>Ends the session if nobody used it for too long. Null: it goes on.</summary>
    public static SessionDecision? DecideIdle(SessionState state, DateTimeOffset now, SessionSettings settings) =>
        state.IsOpen && now >= IdleEnd(state, settings) ? DecideEnd(state, SessionEnd.Idle, now) : null;

    /// <summary>
    /// Rebuilds the state from the journal. The journal's knowledge of the last use lags by two throttles, which are granted, so that
    /// a restart ends no session that was in use.
    /// </summary>
    public static SessionState Recover(IEnumerable<ISessionEvent> events, SessionSettings settings)
    {
        var state = events.Aggregate(SessionState.None, (current, next) => current.Evolve(next)).Stored();
        return state.IsOpen ? state.Used(state.LastRecordedUse + settings.RecordTouchEvery + settings.TouchEvery) : state;
    }

    private static SessionDecision DecideOpen(SessionState state, Open open, DateTimeOffset now, SessionSettings settings)
    {
        if (state.Info is not null)
            return new SessionDecision(state, [], new SessionRefused(open.SessionId, "this session id was used already"));
        var bytes = open.Profile.Capabilities.Length + open.Profile.ClientInfo.Length;
        if (bytes > settings.MaxProfileBytes)
        {
            return new SessionDecision(state, [], new SessionRefused(open.SessionId,
                $"capabilities and clientInfo take {bytes} bytes, at most {settings.MaxProfileBytes} are allowed"));
        }

        return Changed(state, new SessionOpened(open.SessionId, open.Route, open.Profile, open.Principal, now));
    }

    private static SessionDecision DecideSubscribe(SessionState state, Subscribe subscribe, DateTimeOffset now, SessionSettings settings)
    {
        var subscriptions = state.Info!.Subscriptions;
        if (subscriptions.Contains(subscribe.Resource))
            return Unchanged(state.Used(now));
        var chars = subscriptions.Sum(s => s.Uri.Length) + subscribe.Resource.Uri.Length;
        return chars > settings.MaxSubscriptionChars
            ? new SessionDecision(state, [], new SessionRefused(subscribe.SessionId,
                $"the addresses of all subscriptions of a session may take {settings.MaxSubscriptionChars} characters together"))
            : Changed(state, new Subscribed(subscribe.SessionId, subscribe.Resource, now));
    }

    private static SessionDecision DecideTouch(SessionState state, Touch touch, DateTimeOffset now, SessionSettings settings)
    {
        var at = touch.Ago is { } ago ? now - ago : touch.At;
        if (at - state.LastRecordedUse < settings.RecordTouchEvery)
            return new SessionDecision(state.Used(at), [], null);
        var touched = new SessionTouched(touch.SessionId, at);
        return new SessionDecision(state.Evolve(touched), [touched], null);
    }

    private static SessionDecision DecideEnd(SessionState state, SessionEnd reason, DateTimeOffset now)
    {
        var closed = new SessionClosed(state.Info!.Id, reason, now);
        return new SessionDecision(state.Evolve(closed), [closed], new SessionEnded(closed.SessionId, reason));
    }

    private static SessionDecision Changed(SessionState state, ISessionEvent @event)
    {
        var next = state.Evolve(@event);
        return new SessionDecision(next, [@event], new SessionFound(next.Info!));
    }

    private static SessionDecision Unchanged(SessionState state) => new(state, [], new SessionFound(state.Info!));
}
