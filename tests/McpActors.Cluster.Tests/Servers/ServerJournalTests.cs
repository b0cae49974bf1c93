using Akka.Actor;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers;

public sealed class ServerJournalTests : ServerActorKit
{
    [Fact]
    public void Operators_order_is_answered_after_it_is_stored_and_outlives_a_crash()
    {
        var actor = Start();
        actor.Tell(new SetCircuitMode(Server, OperatorCircuitMode.ForcedOpen, "maintenance", TimeSpan.FromMinutes(5), "ann"), TestActor);
        ExpectMsg<OperatorDone>().Status.Circuit.Mode.ShouldBe(CircuitMode.ForcedOpen);
        Kill(actor);

        var again = Start("again");
        var status = Status(again);
        status.Circuit.Mode.ShouldBe(CircuitMode.ForcedOpen);
        status.Circuit.Reason.ShouldBe("maintenance");
        var call = Admit(again);
        ExpectMsg<Rejected>(reply => reply.Call == call);
        Pass(again, TimeSpan.FromMinutes(6));
        Status(again).Circuit.Mode.ShouldBe(CircuitMode.Auto);
    }

    [Fact]
    public void Failing_journal_refuses_operators_but_no_calls()
    {
        var actor = Start();
        Status(actor);
        Journal.FailWrites = true;
        actor.Tell(new ResetCircuit(Server, "ann"), TestActor);
        PassUntilAnswered(TimeSpan.FromMilliseconds(10));
        ExpectMsg<OperatorRefused>().Reason.ShouldContain("IOException");
        OpenCircuit(actor);
        Status(actor).Circuit.State.ShouldBe(CircuitPhase.Open);
        Health.State.ShouldBeOfType<McpActors.Cluster.Persistence.JournalState.Degraded>();

        Journal.FailWrites = false;
        AwaitAssert(() =>
        {
            Scheduler.Advance(TimeSpan.FromMilliseconds(200));
            Health.Queued.ShouldBe(0);
        });
        Kill(actor);
        Status(Start("again")).Circuit.Reason.ShouldNotBeNull();
    }

    [Fact]
    public void Actor_serves_without_its_past_and_takes_it_over_when_the_journal_answers()
    {
        var before = Start();
        before.Tell(new SetCircuitMode(Server, OperatorCircuitMode.ForcedOpen, "maintenance", null, "ann"), TestActor);
        ExpectMsg<OperatorDone>();
        Kill(before);

        var hold = new TaskCompletionSource();
        Journal.HoldReplay = hold;
        var actor = Start("again");
        var call = Admit(actor);
        PassUntilAnswered(TimeSpan.FromSeconds(2));
        ExpectMsg<Admitted>(reply => reply.Call == call);
        Status(actor).Recovered.ShouldBeFalse();

        Journal.HoldReplay = null;
        hold.SetResult();
        AwaitAssert(() => Status(actor).Recovered.ShouldBeTrue());
        Status(actor).Circuit.Mode.ShouldBe(CircuitMode.ForcedOpen);
    }

    [Fact]
    public void Second_owner_makes_the_first_one_stop()
    {
        var first = Start("first");
        Watch(first);
        Status(first);
        first.Tell(new McpActors.Cluster.Persistence.RecorderProtocol.SecondWriterFound("another node writes"));
        ExpectTerminated(first);
    }

    [Fact]
    public void State_is_the_same_whether_it_comes_from_a_snapshot_or_from_events()
    {
        var actor = Start();
        for (var i = 0; i < 4; i++)
        {
            actor.Tell(new SetCircuitMode(Server, OperatorCircuitMode.ForcedClosed, $"round {i}", TimeSpan.FromHours(1), "ann"), TestActor);
            ExpectMsg<OperatorDone>();
        }

        AwaitStored(actor);
        Kill(actor);
        Status(Start("again")).Circuit.Reason.ShouldBe("round 3");
    }

    // Where the actor cannot be asked whether it has set its timers yet.
    private void PassUntilAnswered(TimeSpan step) => AwaitCondition(() =>
    {
        Scheduler.Advance(step);
        return HasMessages;
    });
}
