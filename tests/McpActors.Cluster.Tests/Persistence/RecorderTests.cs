using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Sessions;
using static McpActors.Cluster.Persistence.RecorderProtocol;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Tests.Persistence;

public sealed class RecorderTests : TestKit
{
    private readonly JournalHealth _health;
    private int _names;

    public RecorderTests()
        : base(LossyJournal.Config) => _health = new JournalHealth(new SchedulerTime(Scheduler));

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    public void What_was_stored_is_told_to_the_next_owner_in_order()
    {
        var first = Start();
        ExpectMsg<Recovered>().Events.ShouldBeEmpty();
        Store(first, 1, 2, 3);

        Start();

        var again = ExpectMsg<Recovered>();
        Numbers(again).ShouldBe([1, 2, 3]);
        again.SequenceNr.ShouldBe(3);
    }

    [Fact]
    public void Snapshot_spares_the_replay_of_what_it_holds()
    {
        var first = Start();
        ExpectMsg<Recovered>();
        Store(first, 1, 2);
        first.Tell(new SaveSnapshot("after two"), TestActor);
        Store(first, 3);

        AwaitAssert(() =>
        {
            Start();
            var again = ExpectMsg<Recovered>();
            again.Snapshot.ShouldBe("after two");
            Numbers(again).ShouldBe([3]);
        });
    }

    [Fact]
    public void Unconfirmed_events_wait_for_the_journal_and_are_stored_once()
    {
        var recorder = Start();
        ExpectMsg<Recovered>();
        LossyJournal.Set(Sys, JournalMood.Failing);
        recorder.Tell(Event(1), TestActor);
        recorder.Tell(Event(2), TestActor);
        AwaitCondition(() => _health.State is JournalState.Degraded);
        _health.Queued.ShouldBe(2);

        LossyJournal.Set(Sys, JournalMood.Well);
        PassUntil(() => _health.State is JournalState.Ok);

        ExpectMsg<Recorded>().Id.ShouldBe(1);
        ExpectMsg<Recorded>().Id.ShouldBe(2);
        _health.Queued.ShouldBe(0);
        Start();
        Numbers(ExpectMsg<Recovered>()).ShouldBe([1, 2]);
    }

    [Fact]
    public void Confirmed_event_that_cannot_be_stored_is_refused_and_never_stored()
    {
        var recorder = Start();
        ExpectMsg<Recovered>();
        LossyJournal.Set(Sys, JournalMood.Failing);

        recorder.Tell(Event(1, confirm: true), TestActor);

        ExpectMsg<RecordFailed>().Id.ShouldBe(1);
        LossyJournal.Set(Sys, JournalMood.Well);
        recorder.Tell(Event(2), TestActor);
        PassUntil(() => _health is { State: JournalState.Ok, Queued: 0 });
        ExpectMsg<Recorded>().Id.ShouldBe(2);
        Start();
        Numbers(ExpectMsg<Recovered>()).ShouldBe([2]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Lost_answer_of_a_stored_event_is_found_by_reading_and_not_written_again(bool confirm)
    {
        var recorder = Start();
        ExpectMsg<Recovered>();
        LossyJournal.Set(Sys, JournalMood.LosingAnswers);

        recorder.Tell(Event(1, confirm), TestActor);

        ExpectMsg<Recorded>().ShouldBe(new Recorded(1, 1));
        LossyJournal.Set(Sys, JournalMood.Well);
        Store(recorder, 2);
        Start();
        Numbers(ExpectMsg<Recovered>()).ShouldBe([1, 2]);
    }

    [Fact]
    public void Refused_event_that_turns_out_stored_surfaces()
    {
        var recorder = Start();
        ExpectMsg<Recovered>();
        LossyJournal.Set(Sys, JournalMood.LosingAnswers);
        LossyJournal.Hold(Sys);

        recorder.Tell(Event(1, confirm: true), TestActor);
        AwaitCondition(() => _health.State is JournalState.Degraded);
        Scheduler.Advance(RecorderSettings.Default.ConfirmTimeout);

        ExpectMsg<RecordFailed>().ShouldSatisfyAllConditions(failed => failed.Id.ShouldBe(1), failed => failed.IsInDoubt.ShouldBeTrue());
        LossyJournal.Release(Sys);
        ExpectMsg<Surfaced>().Event.ShouldBe(Event(1).Event);
        _health.Queued.ShouldBe(0);
    }

    [Fact]
    public void Refused_event_that_turns_out_not_to_be_stored_sinks()
    {
        var recorder = Start();
        ExpectMsg<Recovered>();
        LossyJournal.Set(Sys, JournalMood.Failing);
        LossyJournal.Hold(Sys);

        recorder.Tell(Event(1, confirm: true), TestActor);
        AwaitCondition(() => _health.State is JournalState.Degraded);
        Scheduler.Advance(RecorderSettings.Default.ConfirmTimeout);

        ExpectMsg<RecordFailed>().IsInDoubt.ShouldBeTrue();
        LossyJournal.Release(Sys);
        ExpectMsg<Sunk>().Id.ShouldBe(1);
        _health.Queued.ShouldBe(0);
    }

    [Fact]
    public async Task Late_commit_of_what_was_sent_again_with_more_behind_it_is_no_second_writer()
    {
        var recorder = Start();
        ExpectMsg<Recovered>();
        LossyJournal.Set(Sys, JournalMood.Failing);
        LossyJournal.Hold(Sys);
        recorder.Tell(Event(1), TestActor);
        AwaitCondition(() => _health.State is JournalState.Degraded);
        recorder.Tell(Event(2), TestActor);
        LossyJournal.Release(Sys);
        AwaitCondition(() => LossyJournal.Writes(Sys) == 2);

        // The first write, which nobody found, is there now, and the second one was of both.
        await LossyJournal.CommitAsync(Sys, "session-x", Event(1).Event);
        LossyJournal.Set(Sys, JournalMood.Well);
        PassUntil(() => _health is { State: JournalState.Ok, Queued: 0 });

        ExpectMsg<Recorded>().ShouldBe(new Recorded(1, 1));
        ExpectMsg<Recorded>().ShouldBe(new Recorded(2, 2));
        Start();
        Numbers(ExpectMsg<Recovered>()).ShouldBe([1, 2]);
    }

    [Fact]
    public void Second_writer_is_told_from_a_lost_answer()
    {
        var first = Start();
        ExpectMsg<Recovered>();
        var second = Start();
        ExpectMsg<Recovered>();
        Store(second, 7);
        LossyJournal.Set(Sys, JournalMood.Failing);
        Watch(first);

        first.Tell(Event(1), TestActor);

        ExpectMsg<SecondWriterFound>();
        ExpectTerminated(first);
        _health.SecondWriters.ShouldBe(1);
    }

    [Fact]
    public void Outage_keeps_only_the_last_event_of_a_key()
    {
        var recorder = Start();
        ExpectMsg<Recovered>();
        LossyJournal.Set(Sys, JournalMood.Failing);
        recorder.Tell(Event(1), TestActor);
        AwaitCondition(() => _health.State is JournalState.Degraded);
        for (var i = 2; i <= 50; i++)
            recorder.Tell(Event(i, key: "same"), TestActor);
        AwaitCondition(() => _health.Queued <= 3);

        LossyJournal.Set(Sys, JournalMood.Well);
        PassUntil(() => _health is { State: JournalState.Ok, Queued: 0 });

        FishForMessage<Recorded>(recorded => recorded.Id == 50);
        Start();
        var kept = Numbers(FishForMessage<Recovered>(_ => true));
        kept[0].ShouldBe(1);
        kept[^1].ShouldBe(50);
        kept.Count.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public void Queue_is_bounded_and_what_is_given_up_is_counted()
    {
        var recorder = Start(RecorderSettings.Default with { Capacity = 10 });
        ExpectMsg<Recovered>();
        LossyJournal.Set(Sys, JournalMood.Failing);
        for (var i = 1; i <= 100; i++)
            recorder.Tell(Event(i), TestActor);

        AwaitCondition(() => _health.Dropped >= 80);
        _health.Queued.ShouldBeLessThanOrEqualTo(20);
        AwaitCondition(() => _health.State is JournalState.Degraded);
    }

    [Fact]
    public void Events_that_are_given_up_are_told_in_one_line_for_all_of_some_time()
    {
        var recorder = Start(RecorderSettings.Default with { Capacity = 10 });
        ExpectMsg<Recovered>();
        LossyJournal.Set(Sys, JournalMood.Failing);

        EventFilter.Warning(contains: "its queue is full").ExpectOne(() => Tell(1, 100));

        EventFilter.Warning(contains: "its queue is full").ExpectOne(() =>
        {
            Tell(101, 200);
            AwaitCondition(() => _health.Dropped >= 170);
            Scheduler.Advance(TimeSpan.FromSeconds(10));
        });

        void Tell(int first, int last)
        {
            for (var i = first; i <= last; i++)
                recorder.Tell(Event(i), TestActor);
        }
    }

    [Fact]
    public async Task Idle_recorder_gives_its_persistent_half_back_and_takes_it_again()
    {
        var recorder = Start();
        ExpectMsg<Recovered>();
        Store(recorder, 1);
        await IdleAsync(recorder);
        var replays = LossyJournal.Replays(Sys);

        Store(recorder, 2);
        LossyJournal.Replays(Sys).ShouldBe(replays, "what is stored is known, so the event waits for no replay");
        Start();
        Numbers(ExpectMsg<Recovered>()).ShouldBe([1, 2]);
    }

    [Fact]
    public void Event_that_crosses_the_end_of_an_idle_time_is_stored()
    {
        var recorder = Start();
        ExpectMsg<Recovered>();
        Store(recorder, 1);
        for (var number = 2; number <= 20; number++)
        {
            // Both are in the mailbox before it looks at either.
            ((IInternalActorRef)recorder).Suspend();
            Scheduler.Advance(RecorderSettings.Default.IdleStop);
            recorder.Tell(Event(number), TestActor);
            ((IInternalActorRef)recorder).Resume();

            ExpectMsg<Recorded>().Id.ShouldBe(number);
        }
    }

    [Fact]
    public async Task Second_writer_is_found_also_after_an_idle_time()
    {
        var first = Start();
        ExpectMsg<Recovered>();
        Store(first, 1);
        await IdleAsync(first);
        var second = Start();
        ExpectMsg<Recovered>();
        Store(second, 7);

        first.Tell(Event(2), TestActor);

        ExpectMsg<SecondWriterFound>();
    }

    [Fact]
    public void Recorder_that_takes_over_from_one_that_rested_replays_nothing_and_keeps_two_snapshots()
    {
        var first = StartResting(null);
        ExpectMsg<Recovered>();
        Store(first, 1, 2);
        first.Tell(new SaveSnapshot("after two"), TestActor);
        Store(first, 3);
        first.Tell(new SaveSnapshot("after three"), TestActor);
        AwaitAssert(() => Snapshot(upTo: 3).ShouldBe("after three"));
        var idle = Idle();
        idle.ShouldBe(new Idle(3, 3, 3));
        var replays = LossyJournal.Replays(Sys);

        var next = StartResting(new StoredPast(idle.SequenceNr, idle.SnapshotNr));
        Store(next, 4);
        next.Tell(new SaveSnapshot("after four"), TestActor);

        AwaitAssert(() => Snapshot(upTo: 2).ShouldBeNull());
        Snapshot(upTo: 3).ShouldBe("after three");
        LossyJournal.Replays(Sys).ShouldBe(replays);
    }

    [Fact]
    public void Closing_recorder_stores_what_it_holds_and_stops()
    {
        var recorder = Start();
        Watch(recorder);
        for (var i = 1; i <= 5; i++)
            recorder.Tell(Event(i), TestActor);
        recorder.Tell(RecorderProtocol.Close.Instance, TestActor);

        FishForMessage<Terminated>(terminated => terminated.ActorRef.Equals(recorder));
        Start();
        Numbers(FishForMessage<Recovered>(recovered => recovered.SequenceNr == 5)).ShouldBe([1, 2, 3, 4, 5]);
    }

    private IActorRef Start(RecorderSettings? settings = null) =>
        ActorOfAsTestActorRef<Owner>(Akka.Actor.Props.Create(() => new Owner(TestActor, Recorder.Props("session-x", _health, settings))), $"owner-{++_names}")
            .UnderlyingActor.Recorder;

    private IActorRef StartResting(StoredPast? past) =>
        ActorOfAsTestActorRef<Owner>(
            Akka.Actor.Props.Create(() => new Owner(TestActor, Recorder.Resting("session-x", _health, RecorderSettings.Default, past))), $"owner-{++_names}")
            .UnderlyingActor.Recorder;

    private Idle Idle()
    {
        Idle? told = null;
        AwaitAssert(() =>
        {
            Scheduler.Advance(RecorderSettings.Default.IdleStop);
            told = ExpectMsg<Idle>(TimeSpan.FromMilliseconds(100));
        });
        return told!;
    }

    private object? Snapshot(long upTo)
    {
        Akka.Persistence.Persistence.Instance.Apply(Sys).SnapshotStoreFor(null)
            .Tell(new Akka.Persistence.LoadSnapshot("session-x", new Akka.Persistence.SnapshotSelectionCriteria(upTo), upTo), TestActor);
        return ExpectMsg<Akka.Persistence.LoadSnapshotResult>().Snapshot?.Snapshot;
    }

    private void Store(IActorRef recorder, params int[] numbers)
    {
        foreach (var number in numbers)
        {
            recorder.Tell(Event(number), TestActor);
            ExpectMsg<Recorded>().Id.ShouldBe(number);
        }
    }

    /// <summary>Lets the recorder give its persistent half back.</summary>
    private async Task IdleAsync(IActorRef recorder)
    {
        Watch(await Sys.ActorSelection(recorder.Path / "*").ResolveOne(TimeSpan.FromSeconds(3)));
        AwaitAssert(() =>
        {
            Scheduler.Advance(RecorderSettings.Default.IdleStop);
            ExpectMsg<Terminated>(TimeSpan.FromMilliseconds(100));
        });
    }

    /// <summary>Moves virtual time until the recorder's next attempts have done it.</summary>
    private void PassUntil(Func<bool> done) => AwaitAssert(() =>
    {
        Scheduler.Advance(TimeSpan.FromSeconds(1));
        done().ShouldBeTrue();
    });

    private static RecorderProtocol.Record Event(int number, bool confirm = false, string? key = null) =>
        new(number, new SessionTouched("x", DateTimeOffset.UnixEpoch.AddSeconds(number)), confirm, key);

    private static List<int> Numbers(Recovered recovered) =>
        [.. recovered.Events.Cast<ISessionEvent>().Select(e => (int)(e.At - DateTimeOffset.UnixEpoch).TotalSeconds)];

    /// <summary>Stands for an entity: hands what its recorder says to the test.</summary>
    private sealed class Owner : ReceiveActor
    {
        public Owner(IActorRef test, Props recorder)
        {
            Recorder = Context.ActorOf(recorder, "recorder");
            ReceiveAny(message => test.Tell(message));
        }

        public IActorRef Recorder { get; }
    }
}
