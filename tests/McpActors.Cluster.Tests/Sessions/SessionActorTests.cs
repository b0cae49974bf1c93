using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Cluster.Tests.Persistence;
using McpActors.Core.Servers;
using McpActors.Core.Sessions;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Tests.Sessions;

public sealed class SessionActorTests : TestKit
{
    private const string Config = """
        akka.loglevel = ERROR
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.persistence.journal.plugin = "akka.persistence.journal.lossy"
        akka.persistence.journal.lossy.class = "McpActors.Cluster.Tests.Persistence.LossyJournal, McpActors.Cluster.Tests"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """;

    private static readonly SessionActorSettings Settings = new();

    private readonly string _id = SessionIds.Next();
    private readonly SchedulerTime _time;
    private readonly JournalHealth _health;
    private TestProbe _shard;
    private readonly TestProbe _node;

    public SessionActorTests()
        : base(Config)
    {
        _time = new SchedulerTime((TestScheduler)Sys.Scheduler);
        _health = new JournalHealth(_time);
        _shard = CreateTestProbe("shard");
        _node = CreateTestProbe("node");
    }

    private Open OpenIt => new(_id, "files", SessionLifeTests.Profile, null);

    [Fact]
    public void Session_opened_while_its_actor_is_told_to_leave_is_answered()
    {
        // Slow threads: the actor finds that it has no past before its first message arrives.
        var session = Start();
        FishForPassivation();
        session.Tell(OpenIt, TestActor);

        session.Tell(SessionActor.StopSession.Instance);

        ExpectMsg<SessionFound>().Info.Id.ShouldBe(_id);
        Watch(session);
        ExpectTerminated(session);
        var next = Start();
        Status(next).ShouldBeOfType<SessionFound>();
    }

    [Fact]
    public void Unused_session_ends_after_its_idle_time_and_tells_the_nodes_that_used_it()
    {
        var session = Start();
        Opened(session);
        session.Tell(new Touch(_id, _time.GetUtcNow()), _node);

        Pass(Settings.Session.Idle);
        Status(session).ShouldBeOfType<SessionFound>();
        Pass(Settings.Session.TouchEvery);

        _node.FishForMessage<SessionEnded>(_ => true).Reason.ShouldBe(SessionEnd.Idle);
        Status(session).ShouldBeOfType<SessionUnknown>();
        FishForPassivation();
    }

    [Fact]
    public void Used_session_goes_on_and_a_new_owner_knows()
    {
        var session = Start();
        Opened(session);
        // Twice the idle time, each part of it under another owner.
        for (var i = 0; i < 16; i++)
        {
            Pass(Settings.Session.TouchEvery);
            session.Tell(new Touch(_id, _time.GetUtcNow()), _node);
            Leave(session);
            session = Start();
            Status(session).ShouldBeOfType<SessionFound>().Info.Stored.ShouldBeTrue();
        }
    }

    [Fact]
    public void Session_nobody_used_while_no_one_owned_it_is_over_for_the_next_owner()
    {
        var session = Start();
        Opened(session);
        Kill(session);
        Pass(Settings.Session.Idle * 2);

        Status(Start()).ShouldBeOfType<SessionUnknown>();
        FishForPassivation();
    }

    [Fact]
    public void Owner_that_leaves_asks_who_uses_the_session_so_that_the_next_one_can_tell_them_of_its_end()
    {
        var session = Start();
        Opened(session);
        session.Tell(new Touch(_id, _time.GetUtcNow()), _node);
        Leave(session);

        _node.ExpectMsg<SessionResting>().SessionId.ShouldBe(_id);
        var next = Start();
        next.Tell(new Touch(_id, _time.GetUtcNow()), _node);
        next.Tell(new Close(_id, SessionEnd.Closed), TestActor);
        ExpectMsg<SessionEnded>();
        _node.ExpectMsg<SessionEnded>().SessionId.ShouldBe(_id);
    }

    [Fact]
    public void Change_is_told_to_the_other_nodes_that_use_the_session()
    {
        var session = Start();
        Opened(session);
        session.Tell(new Touch(_id, _time.GetUtcNow()), _node);
        var resource = new ResourceSubscription(new ServerId("files"), "file:///a");

        session.Tell(new Subscribe(_id, resource), TestActor);

        ExpectMsg<SessionFound>().Info.Subscriptions.ShouldBe([resource]);
        _node.ExpectMsg<SessionFound>().Info.Subscriptions.ShouldBe([resource]);
    }

    [Fact]
    public void Journal_that_fails_lets_the_session_work_and_takes_it_later()
    {
        var session = Start();
        LossyJournal.Set(Sys, JournalMood.Failing);
        session.Tell(OpenIt, TestActor);
        AwaitCondition(() => _health.State is JournalState.Degraded);
        Pass(Settings.OpenPatience);
        ExpectMsg<SessionFound>().Info.Stored.ShouldBeFalse();
        session.Tell(new Touch(_id, _time.GetUtcNow()), _node);
        // An empty past that was read before the order asked to leave memory; what counts is what it does from here on.
        while (_shard.HasMessages)
            _shard.ExpectMsg<Passivate>();
        for (var i = 0; i < 3; i++)
            Pass(Settings.RecorderRestAfter + Settings.RestAfter + Settings.RestNotice);
        _shard.ExpectNoMsg(TimeSpan.FromMilliseconds(100));

        LossyJournal.Set(Sys, JournalMood.Well);
        AwaitAssert(() =>
        {
            Pass(TimeSpan.FromSeconds(1));
            Status(session).ShouldBeOfType<SessionFound>().Info.Stored.ShouldBeTrue();
        });

        _node.ExpectMsg<SessionFound>().Info.Stored.ShouldBeTrue();
        Kill(session);
        Status(Start()).ShouldBeOfType<SessionFound>();
    }

    [Fact]
    public void Uses_that_replaced_each_other_while_the_journal_failed_do_not_keep_the_session_in_memory()
    {
        var session = Start();
        Opened(session);
        LossyJournal.Set(Sys, JournalMood.Failing);
        Use();
        AwaitCondition(() => _health.State is JournalState.Degraded);
        // It cannot be read either, so that what is used meanwhile waits, and only the last use counts.
        LossyJournal.Hold(Sys);
        for (var i = 0; i < 3; i++)
            Use();

        LossyJournal.Set(Sys, JournalMood.Well);
        LossyJournal.Release(Sys);

        AwaitAssert(() =>
        {
            Pass(Settings.RecorderRestAfter + Settings.RestAfter);
            _node.ExpectMsg<SessionResting>(TimeSpan.FromMilliseconds(100));
        }, TimeSpan.FromSeconds(5));

        void Use()
        {
            Pass(Settings.Session.RecordTouchEvery);
            session.Tell(new Touch(_id, _time.GetUtcNow()), _node);
            Status(session);
        }
    }

    [Fact]
    public void Session_is_not_called_unknown_while_the_journal_cannot_be_read()
    {
        var first = Start();
        Opened(first);
        Kill(first);
        LossyJournal.Hold(Sys);
        _health.Failed("the disk is full");
        var session = Start();
        session.Tell(new GetSession(_id), TestActor);

        AwaitAssert(() =>
        {
            Pass(Settings.RecoveryPatience);
            ExpectMsg<SessionUnavailable>(TimeSpan.FromMilliseconds(100));
        });

        LossyJournal.Release(Sys);
        AwaitAssert(() => Status(session).ShouldBeOfType<SessionFound>());
    }

    [Fact]
    public void A_journal_that_is_only_slow_is_waited_for()
    {
        var first = Start();
        Opened(first);
        Kill(first);
        LossyJournal.Hold(Sys);
        var session = Start();
        session.Tell(new GetSession(_id), TestActor);
        for (var waited = Settings.RecoveryPatience; waited < Settings.SlowRecoveryPatience; waited += Settings.RecoveryPatience)
        {
            Pass(Settings.RecoveryPatience);
            ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        }

        LossyJournal.Release(Sys);

        ExpectMsg<SessionFound>().Info.Id.ShouldBe(_id);
    }

    [Fact]
    public void Stopping_stores_what_is_not_stored_yet()
    {
        var session = Start();
        Opened(session);
        Watch(session);
        for (var level = SessionLogLevel.Debug; level <= SessionLogLevel.Emergency; level++)
            session.Tell(new SetLogLevel(_id, level), ActorRefs.NoSender);

        session.Tell(SessionActor.StopSession.Instance);

        ExpectTerminated(session);
        Status(Start()).ShouldBeOfType<SessionFound>().Info.LogLevel.ShouldBe(SessionLogLevel.Emergency);
    }

    [Fact]
    public async Task Quiet_session_lets_its_recorder_go_and_the_next_change_is_stored_all_the_same()
    {
        var session = Start();
        Opened(session);
        await RecorderRestsAsync(session);

        for (var level = SessionLogLevel.Debug; level <= SessionLogLevel.Emergency; level++)
        {
            session.Tell(new SetLogLevel(_id, level), TestActor);
            ExpectMsg<SessionFound>().Info.LogLevel.ShouldBe(level);
        }

        Leave(session);
        Status(Start()).ShouldBeOfType<SessionFound>().Info.LogLevel.ShouldBe(SessionLogLevel.Emergency);
    }

    [Fact]
    public async Task Change_that_comes_just_when_the_recorder_leaves_is_stored()
    {
        var session = Start();
        Opened(session);
        var recorder = await RecorderAsync(session);
        Watch(recorder);
        PassUntil<Terminated>(this, Settings.RecorderRestAfter, () =>
        {
            // Right behind the order to leave.
            session.Tell(new SetLogLevel(_id, SessionLogLevel.Alert), ActorRefs.NoSender);
            session.Tell(new SetLogLevel(_id, SessionLogLevel.Critical), ActorRefs.NoSender);
        });

        Leave(session);
        Status(Start()).ShouldBeOfType<SessionFound>().Info.LogLevel.ShouldBe(SessionLogLevel.Critical);
    }

    [Fact]
    public async Task Second_owner_that_wrote_while_the_recorder_rested_stops_the_first()
    {
        var first = Start();
        Opened(first);
        await RecorderRestsAsync(first);
        var second = Start();
        second.Tell(new SetLogLevel(_id, SessionLogLevel.Alert), TestActor);
        ExpectMsg<SessionFound>();
        Watch(second);
        second.Tell(SessionActor.StopSession.Instance);
        ExpectTerminated(second);

        Watch(first);
        first.Tell(new SetLogLevel(_id, SessionLogLevel.Debug), ActorRefs.NoSender);

        ExpectTerminated(first);
        Status(Start()).ShouldBeOfType<SessionFound>().Info.LogLevel.ShouldBe(SessionLogLevel.Alert);
    }

    [Fact]
    public async Task Session_leaves_memory_when_no_node_says_that_it_uses_it()
    {
        // With a past: one that has none yet asks to leave at once.
        var opener = Start();
        Opened(opener);
        Kill(opener);
        var session = Start();
        var opened = _time.GetUtcNow();
        session.Tell(new Touch(_id, opened), _node);
        Status(session);
        await RecorderRestsAsync(session);

        PassUntil<SessionResting>(_node, Settings.RestAfter);
        session.Tell(new Touch(_id, opened), _node);
        Status(session);
        Pass(Settings.RestNotice);
        _shard.ExpectNoMsg(TimeSpan.FromMilliseconds(100));

        PassUntil<SessionResting>(_node, Settings.RestAfter);
        PassUntil<Passivate>(_shard, Settings.RestNotice);
    }

    private async Task RecorderRestsAsync(IActorRef session)
    {
        var recorder = await RecorderAsync(session);
        Watch(recorder);
        PassUntil<Terminated>(this, Settings.RecorderRestAfter);
    }

    private Task<IActorRef> RecorderAsync(IActorRef session) => Sys.ActorSelection(session.Path / "recorder").ResolveOne(TimeSpan.FromSeconds(3));

    private IActorRef Start()
    {
        _shard = CreateTestProbe();
        return _shard.ChildActorOf(SessionActor.Props(SessionHandle.NameOf(_id), Settings, new LocalSessions(), _health, _time));
    }

    private void Opened(IActorRef session)
    {
        session.Tell(OpenIt, TestActor);
        ExpectMsg<SessionFound>().Info.Stored.ShouldBeTrue();
    }

    private ISessionReply Status(IActorRef session)
    {
        session.Tell(new GetSession(_id), TestActor);
        return ExpectMsg<ISessionReply>();
    }

    private void Kill(IActorRef session)
    {
        Watch(session);
        Sys.Stop(session);
        ExpectTerminated(session);
    }

    /// <summary>Lets it store what it has to, as a hand-over does: virtual hours may have passed while the journal had no real time.</summary>
    private void Leave(IActorRef session)
    {
        Watch(session);
        session.Tell(SessionActor.StopSession.Instance);
        ExpectTerminated(session, TimeSpan.FromSeconds(10));
    }

    private void FishForPassivation() => _shard.FishForMessage<Passivate>(passivate => passivate.StopMessage is SessionActor.StopSession);

    /// <summary>Moves virtual time until this is heard. Once, but that the actor may be about to set the time that is waited for.</summary>
    private void PassUntil<T>(TestKitBase listener, TimeSpan step, Action? then = null)
    {
        for (var attempt = 0; ; attempt++)
        {
            Pass(step);
            then?.Invoke();
            if (listener.ReceiveOne(TimeSpan.FromSeconds(10)) is { } heard)
            {
                heard.ShouldBeOfType<T>();
                return;
            }

            attempt.ShouldBeLessThan(3);
        }
    }

    private void Pass(TimeSpan time) => ((TestScheduler)Sys.Scheduler).Advance(time);
}
