using FsCheck.Xunit;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Core.Tests.Sessions;

public sealed class SessionDeciderTests
{
    private const string Id = "session";

    private static readonly SessionSettings Settings = new();
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
    private static readonly ClientProfile Profile = new(ProtocolRevision.V20250618, "{}"u8.ToArray(), "{}"u8.ToArray());

    /// <summary>Any commands with any pauses: the fold of the events is the state, nothing follows an end, and every command is answered.</summary>
    [Property(MaxTest = 500)]
    public void Replaying_the_events_leads_to_the_same_session(byte[] script)
    {
        var now = Start;
        var state = SessionState.None;
        var events = new List<ISessionEvent>();
        foreach (var step in script ?? [])
        {
            now += TimeSpan.FromMinutes((step >> 4) * 5);
            var command = Command(step & 15, now);
            var before = state;
            var decision = SessionDecider.Decide(state, command, now, Settings);
            state = decision.State;
            events.AddRange(decision.Events);
            if (decision.Reply is null)
                command.ShouldBeOfType<Touch>();
            if (before.End is not null)
                decision.Events.ShouldBeEmpty();
            if (SessionDecider.DecideIdle(state, now, Settings) is { } idle)
            {
                state = idle.State;
                events.AddRange(idle.Events);
            }
        }

        var replayed = events.Aggregate(SessionState.None, (current, next) => current.Evolve(next));
        replayed.End.ShouldBe(state.End);
        Shown(replayed.Info).ShouldBe(Shown(state.Info));
        replayed.LastRecordedUse.ShouldBe(state.LastRecordedUse);
        events.Count(e => e is SessionClosed).ShouldBeLessThanOrEqualTo(1);
    }

    /// <summary>However a session is used, if never idle for its idle time, neither its owner nor one that recovers it takes it for idle.</summary>
    [Property(MaxTest = 300)]
    public void Session_in_use_never_ends_by_idleness(byte[] pauses)
    {
        var now = Start;
        var state = Open(now);
        var recorded = new List<ISessionEvent> { new SessionOpened(Id, "files", Profile, null, now) };
        var told = DateTimeOffset.MinValue;
        foreach (var pause in pauses ?? [])
        {
            var next = now + (Settings.Idle * (pause / 256.0));
            // The owner's timer fires somewhere between two uses.
            SessionDecider.DecideIdle(state, next, Settings).ShouldBeNull();
            var recovered = SessionDecider.Recover(recorded, Settings);
            SessionDecider.DecideIdle(recovered, next, Settings).ShouldBeNull();
            now = next;
            if (now - told < Settings.TouchEvery)
                continue;
            told = now;
            var decision = SessionDecider.Decide(state, new Touch(Id, now), now, Settings);
            state = decision.State;
            recorded.AddRange(decision.Events);
        }

        recorded.Count.ShouldBeLessThanOrEqualTo(2 + (int)((now - Start) / Settings.RecordTouchEvery));
    }

    [Fact]
    public void Unused_session_ends_when_its_time_is_over()
    {
        var state = Open(Start);
        var end = SessionDecider.IdleEnd(state, Settings);

        end.ShouldBe(Start + Settings.Idle + Settings.TouchEvery);
        SessionDecider.DecideIdle(state, end - TimeSpan.FromTicks(1), Settings).ShouldBeNull();
        SessionDecider.DecideIdle(state, end, Settings)!.Reply.ShouldBe(new SessionEnded(Id, SessionEnd.Idle));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(-24)]
    public void Use_at_a_node_whose_clock_is_wrong_counts_from_when_it_was_said(int hours)
    {
        var now = Start + (Settings.Idle / 2);
        var used = TimeSpan.FromSeconds(3);
        var touch = new Touch(Id, now - used + TimeSpan.FromHours(hours)) { Ago = used };

        var state = SessionDecider.Decide(Open(Start), touch, now, Settings).State;

        state.LastUse.ShouldBe(now - used);
        state.LastRecordedUse.ShouldBe(now - used);
    }

    [Fact]
    public void Id_is_used_once()
    {
        var again = SessionDecider.Decide(Open(Start), new Open(Id, "files", Profile, "other"), Start, Settings);

        again.Reply.ShouldBeOfType<SessionRefused>();
        again.Events.ShouldBeEmpty();
    }

    [Fact]
    public void Subscriptions_are_bounded_by_their_length_together()
    {
        var state = Open(Start);
        ISessionReply? last = null;
        for (var i = 0; i < 20; i++)
        {
            var resource = new ResourceSubscription(new ServerId("files"), new string('x', 1_000) + i);
            var decision = SessionDecider.Decide(state, new Subscribe(Id, resource), Start, Settings);
            state = decision.State;
            last = decision.Reply;
        }

        last.ShouldBeOfType<SessionRefused>().Reason.ShouldContain("16384");
        state.Info!.Subscriptions.Count.ShouldBe(16);
    }

    [Fact]
    public void Same_change_twice_is_one_event()
    {
        var first = SessionDecider.Decide(Open(Start), new SetLogLevel(Id, SessionLogLevel.Info), Start, Settings);
        first.Events.ShouldHaveSingleItem();

        SessionDecider.Decide(first.State, new SetLogLevel(Id, SessionLogLevel.Info), Start, Settings).Events.ShouldBeEmpty();
    }

    [Fact]
    public void Impossible_event_throws()
    {
        Should.Throw<InvalidOperationException>(() => SessionState.None.Evolve(new SessionTouched(Id, Start)));
        Should.Throw<InvalidOperationException>(() => Open(Start).Evolve(new SessionTouched("another", Start)));
        Should.Throw<InvalidOperationException>(() => Open(Start).Evolve(new SessionOpened(Id, "files", Profile, null, Start)));
    }

    private static SessionState Open(DateTimeOffset at) =>
        SessionDecider.Decide(SessionState.None, new Open(Id, "files", Profile, null), at, Settings).State;

    private static ISessionCommand Command(int kind, DateTimeOffset now)
    {
        var resource = new ResourceSubscription(new ServerId("files"), $"file:///{kind % 3}");
        return kind switch
        {
            0 or 1 or 2 => new Open(Id, "files", Profile, null),
            3 or 4 => new SetLogLevel(Id, (SessionLogLevel)(kind - 3)),
            5 or 6 or 7 => new Subscribe(Id, resource),
            8 or 9 or 10 => new Unsubscribe(Id, resource),
            15 => new Close(Id, SessionEnd.Closed),
            _ => new Touch(Id, now),
        };
    }

    private static string Shown(SessionInfo? info) =>
        info is null ? "" : $"{info.Id} {info.Route} {info.LogLevel} {info.CreatedAt} {string.Join(',', info.Subscriptions.Select(s => s.Uri))}";
}
