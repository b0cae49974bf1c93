using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;
using static McpActors.Cluster.Serialization.WireTypes;
using Proto = McpActors.Cluster.Serialization.Protos.Sessions;
using Session = McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Serialization;

/// <summary>Client sessions on the wire.</summary>
internal static class SessionWire
{
    public static void Register(WireFormatBuilder wire)
    {
        RegisterEvents(wire);
        RegisterCommands(wire);
        RegisterReplies(wire);
    }

    private static void RegisterEvents(WireFormatBuilder wire) => wire
        .Add<Session.SessionOpened, Proto.SessionOpened>(
            "session-opened-v1",
            e => WithPrincipal(new Proto.SessionOpened { SessionId = e.SessionId, Route = e.Route, Profile = Write(e.Profile), At = ToTicks(e.At) }, e.Principal),
            p => new Session.SessionOpened(p.SessionId, p.Route, Read(p.Profile), p.HasPrincipal ? p.Principal : null, ToTime(p.At)))
        .Add<Session.LogLevelSet, Proto.LogLevelSet>(
            "session-log-level-set-v1",
            e => new Proto.LogLevelSet { SessionId = e.SessionId, Level = Write(e.Level), At = ToTicks(e.At) },
            p => new Session.LogLevelSet(p.SessionId, Read(p.Level), ToTime(p.At)))
        .Add<Session.Subscribed, Proto.SubscriptionChanged>(
            "session-subscribed-v1",
            e => new Proto.SubscriptionChanged { SessionId = e.SessionId, Resource = Write(e.Resource), At = ToTicks(e.At) },
            p => new Session.Subscribed(p.SessionId, Read(p.Resource), ToTime(p.At)))
        .Add<Session.Unsubscribed, Proto.SubscriptionChanged>(
            "session-unsubscribed-v1",
            e => new Proto.SubscriptionChanged { SessionId = e.SessionId, Resource = Write(e.Resource), At = ToTicks(e.At) },
            p => new Session.Unsubscribed(p.SessionId, Read(p.Resource), ToTime(p.At)))
        .Add<Session.SessionTouched, Proto.SessionTouched>(
            "session-touched-v1",
            e => new Proto.SessionTouched { SessionId = e.SessionId, At = ToTicks(e.At) },
            p => new Session.SessionTouched(p.SessionId, ToTime(p.At)))
        .Add<Session.SessionClosed, Proto.SessionClosed>(
            "session-closed-v1",
            e => new Proto.SessionClosed { SessionId = e.SessionId, Reason = Write(e.Reason), At = ToTicks(e.At) },
            p => new Session.SessionClosed(p.SessionId, Read(p.Reason), ToTime(p.At)));

    private static void RegisterCommands(WireFormatBuilder wire) => wire
        .Add<Session.Open, Proto.Open>(
            "session-open-v1",
            c => WithPrincipal(new Proto.Open { SessionId = c.SessionId, Route = c.Route, Profile = Write(c.Profile) }, c.Principal),
            p => new Session.Open(p.SessionId, p.Route, Read(p.Profile), p.HasPrincipal ? p.Principal : null))
        .Add<Session.SetLogLevel, Proto.SetLogLevel>(
            "session-set-log-level-v1",
            c => new Proto.SetLogLevel { SessionId = c.SessionId, Level = Write(c.Level) },
            p => new Session.SetLogLevel(p.SessionId, Read(p.Level)))
        .Add<Session.Subscribe, Proto.ChangeSubscription>(
            "session-subscribe-v1",
            c => new Proto.ChangeSubscription { SessionId = c.SessionId, Resource = Write(c.Resource) },
            p => new Session.Subscribe(p.SessionId, Read(p.Resource)))
        .Add<Session.Unsubscribe, Proto.ChangeSubscription>(
            "session-unsubscribe-v1",
            c => new Proto.ChangeSubscription { SessionId = c.SessionId, Resource = Write(c.Resource) },
            p => new Session.Unsubscribe(p.SessionId, Read(p.Resource)))
        .Add<Session.Touch, Proto.Touch>(
            "session-touch-v1",
            Write,
            p => new Session.Touch(p.SessionId, ToTime(p.At)) { Ago = p.HasAgo ? TimeSpan.FromTicks(p.Ago) : null })
        .Add<Session.Close, Proto.Close>(
            "session-close-v1",
            c => new Proto.Close { SessionId = c.SessionId, Reason = Write(c.Reason) },
            p => new Session.Close(p.SessionId, Read(p.Reason)))
        .Add<Session.GetSession, Proto.GetSession>(
            "session-get-v1",
            c => new Proto.GetSession { SessionId = c.SessionId },
            p => new Session.GetSession(p.SessionId));

    private static void RegisterReplies(WireFormatBuilder wire) => wire
        .Add<Session.SessionFound, Proto.SessionFound>("session-found-v1", r => Write(r.Info), p => new Session.SessionFound(Read(p)))
        .Add<Session.SessionUnknown, Proto.SessionUnknown>(
            "session-unknown-v1",
            r => new Proto.SessionUnknown { SessionId = r.SessionId },
            p => new Session.SessionUnknown(p.SessionId))
        .Add<Session.SessionEnded, Proto.SessionEnded>(
            "session-ended-v1",
            r => new Proto.SessionEnded { SessionId = r.SessionId, Reason = Write(r.Reason) },
            p => new Session.SessionEnded(p.SessionId, Read(p.Reason)))
        .Add<Session.SessionResting, Proto.SessionResting>(
            "session-resting-v1",
            r => new Proto.SessionResting { SessionId = r.SessionId },
            p => new Session.SessionResting(p.SessionId))
        .Add<Session.SessionRefused, Proto.Refusal>(
            "session-refused-v1",
            r => new Proto.Refusal { SessionId = r.SessionId, Reason = r.Reason },
            p => new Session.SessionRefused(p.SessionId, p.Reason))
        .Add<Session.SessionUnavailable, Proto.Refusal>(
            "session-unavailable-v1",
            r => new Proto.Refusal { SessionId = r.SessionId, Reason = r.Reason },
            p => new Session.SessionUnavailable(p.SessionId, p.Reason));

    private static Proto.SessionFound Write(SessionInfo info)
    {
        var found = new Proto.SessionFound
        {
            SessionId = info.Id,
            Route = info.Route,
            Profile = Write(info.Profile),
            CreatedAt = ToTicks(info.CreatedAt),
            LogLevel = info.LogLevel is { } level ? Write(level) : Proto.LogLevel.Unspecified,
            Stored = info.Stored,
        };
        if (info.Principal is not null)
            found.Principal = info.Principal;
        found.Subscriptions.AddRange(info.Subscriptions.Select(Write));
        return found;
    }

    private static SessionInfo Read(Proto.SessionFound found) => new()
    {
        Id = found.SessionId,
        Route = found.Route,
        Profile = Read(found.Profile),
        Principal = found.HasPrincipal ? found.Principal : null,
        CreatedAt = ToTime(found.CreatedAt),
        LogLevel = found.LogLevel == Proto.LogLevel.Unspecified ? null : Read(found.LogLevel),
        Subscriptions = [.. found.Subscriptions.Select(Read)],
        Stored = found.Stored,
    };

    private static Proto.SessionOpened WithPrincipal(Proto.SessionOpened message, string? principal)
    {
        if (principal is not null)
            message.Principal = principal;
        return message;
    }

    private static Proto.Open WithPrincipal(Proto.Open message, string? principal)
    {
        if (principal is not null)
            message.Principal = principal;
        return message;
    }

    private static Proto.Touch Write(Session.Touch touch)
    {
        var written = new Proto.Touch { SessionId = touch.SessionId, At = ToTicks(touch.At) };
        if (touch.Ago is { } ago)
            written.Ago = ago.Ticks;
        return written;
    }

    private static Proto.Profile Write(ClientProfile profile) => new()
    {
        Revision = ToText(profile.Revision),
        Capabilities = ToBytes(profile.Capabilities),
        ClientInfo = ToBytes(profile.ClientInfo),
    };

    private static ClientProfile Read(Proto.Profile profile) =>
        new(ToRevision(profile.Revision), profile.Capabilities.Memory, profile.ClientInfo.Memory);

    private static Proto.Resource Write(ResourceSubscription resource) => new() { Server = resource.Server.Value, Uri = resource.Uri };

    private static ResourceSubscription Read(Proto.Resource resource) => new(new ServerId(resource.Server), resource.Uri);

    private static Proto.LogLevel Write(SessionLogLevel level) => Names.Write<SessionLogLevel, Proto.LogLevel>(level);

    private static SessionLogLevel Read(Proto.LogLevel level) => Names.Read<Proto.LogLevel, SessionLogLevel>(level);

    private static Proto.End Write(SessionEnd reason) => Names.Write<SessionEnd, Proto.End>(reason);

    private static SessionEnd Read(Proto.End reason) => Names.Read<Proto.End, SessionEnd>(reason);
}
