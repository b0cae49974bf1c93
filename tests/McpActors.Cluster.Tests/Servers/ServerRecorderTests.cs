using Akka.Actor;
using McpActors.Cluster.Persistence;
using McpActors.Core.Servers;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers;

/// <summary>The recorder of a server that has nothing to store leaves memory; the server does not notice.</summary>
public sealed class ServerRecorderTests : ServerActorKit
{
    [Fact]
    public async Task Idle_server_lets_its_recorder_go_and_the_next_event_is_stored_without_a_replay()
    {
        var actor = Start();
        Force(actor, "before");
        await RecorderRestsAsync(actor);
        var replays = Journal.Replays;

        Force(actor, "after");
        OpenCircuit(actor);
        await RecorderRestsAsync(actor);
        Force(actor, "again");

        Journal.Replays.ShouldBe(replays, "what is stored is known, so nothing waits for a replay");
        Kill(actor);
        Status(Start("again")).Circuit.Reason.ShouldBe("again");
    }

    [Fact]
    public async Task Orders_that_come_just_when_the_recorder_leaves_are_stored_and_answered()
    {
        var actor = Start();
        Status(actor);
        Watch(await RecorderAsync(actor));

        actor.Tell(new RecorderProtocol.Idle(0, 0, 0));
        for (var i = 1; i <= 4; i++)
        {
            actor.Tell(Forced($"order {i}"), TestActor);
        }

        for (var i = 1; i <= 4; i++)
        {
            FishForMessage<OperatorDone>(_ => true).Status.Circuit.Reason.ShouldBe($"order {i}");
        }

        Kill(actor);
        Status(Start("again")).Circuit.Reason.ShouldBe("order 4");
    }

    [Fact]
    public void Recorder_that_was_idle_before_the_last_event_came_stays_until_that_is_stored()
    {
        var actor = Start();
        Status(actor);
        Journal.FailWrites = true;
        OpenCircuit(actor);
        AwaitAssert(() => Health.State.ShouldBeOfType<JournalState.Degraded>());

        actor.Tell(new RecorderProtocol.Idle(0, 0, 0));
        Pass(actor, RecorderSettings.Default.DrainTimeout * 2);

        Journal.FailWrites = false;
        AwaitAssert(() =>
        {
            Scheduler.Advance(TimeSpan.FromMilliseconds(200));
            Health.Queued.ShouldBe(0);
        });
        Health.Dropped.ShouldBe(0);
        AwaitStored(actor);
        Kill(actor);
        Status(Start("again")).Circuit.Reason.ShouldNotBeNull();
    }

    [Fact]
    public async Task Refused_order_does_not_keep_the_recorder()
    {
        var actor = Start();
        Force(actor, "before");
        Journal.FailWrites = true;
        actor.Tell(Forced("refused"), TestActor);
        AwaitCondition(() =>
        {
            Scheduler.Advance(TimeSpan.FromMilliseconds(10));
            return HasMessages;
        });
        ExpectMsg<OperatorRefused>();
        Journal.FailWrites = false;

        await RecorderRestsAsync(actor);

        Force(actor, "after");
        Kill(actor);
        Status(Start("again")).Circuit.Reason.ShouldBe("after");
    }

    [Fact]
    public async Task Second_owner_that_wrote_while_the_recorder_rested_stops_the_first()
    {
        var first = Start("first");
        Force(first, "first");
        await RecorderRestsAsync(first);
        var second = Start("second");
        Force(second, "second");
        Kill(second);

        Watch(first);
        first.Tell(Forced("late"), TestActor);

        FishForMessage<Terminated>(end => end.ActorRef.Equals(first));
        Status(Start("third")).Circuit.Reason.ShouldBe("second");
    }

    [Fact]
    public async Task Hand_off_of_a_server_whose_recorder_rests_ends_at_once()
    {
        var actor = Start();
        Force(actor, "before");
        await RecorderRestsAsync(actor);
        Watch(actor);

        actor.Tell(McpActors.Cluster.Servers.ServerActor.HandOff.Instance);

        ExpectTerminated(actor);
    }

    private static SetCircuitMode Forced(string reason) => new(Server, OperatorCircuitMode.ForcedClosed, reason, TimeSpan.FromHours(1), "ann");

    private void Force(IActorRef actor, string reason)
    {
        actor.Tell(Forced(reason), TestActor);
        ExpectMsg<OperatorDone>().Status.Circuit.Reason.ShouldBe(reason);
    }

    private async Task RecorderRestsAsync(IActorRef actor)
    {
        var recorder = await RecorderAsync(actor);
        Watch(recorder);
        AwaitAssert(() =>
        {
            Scheduler.Advance(RecorderSettings.Default.IdleStop);
            ExpectMsg<Terminated>(TimeSpan.FromMilliseconds(100)).ActorRef.ShouldBe(recorder);
        });
    }

    private Task<IActorRef> RecorderAsync(IActorRef actor) => Sys.ActorSelection(actor.Path / "recorder").ResolveOne(TimeSpan.FromSeconds(3));
}
