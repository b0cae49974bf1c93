using Akka.Actor;
using McpActors.Cluster.Servers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers;

public sealed class ServerActorTests : ServerActorKit
{
    private static readonly CacheFill Fill = new("{}"u8.ToArray(), TimeSpan.FromMinutes(1), CacheScope.Private, ProtocolRevision.V20251125);

    [Fact]
    public void Status_of_an_idle_server_starts_nothing()
    {
        var status = Status(Start());
        status.Condition.ShouldBe(ServerCondition.Idle);
        status.Recovered.ShouldBeTrue();
        Upstream.Connects.ShouldBe(0);
    }

    [Fact]
    public void First_call_opens_a_connection_that_carriers_find_by_its_id()
    {
        var actor = Start();
        var admitted = Run(actor);
        Registry.Find(admitted.Connection).ShouldNotBeNull();
        Status(actor).Condition.ShouldBe(ServerCondition.Ready);
    }

    [Fact]
    public void Open_breaker_is_still_open_after_a_crash_until_its_time()
    {
        var actor = Start();
        OpenCircuit(actor);
        AwaitStored(actor);
        Kill(actor);

        var again = Start("again");
        var call = Admit(again);
        ExpectMsg<Rejected>(reply => reply.Call == call).Reason.ShouldBe(RejectReason.CircuitOpen);
        Status(again).Era.ShouldBe(ProtocolRevision.V20251125);
        Pass(again, TimeSpan.FromSeconds(11));
        Run(again).Connection.Value.ShouldBeGreaterThan(1);
        Status(again).Circuit.State.ShouldBe(CircuitPhase.HalfOpen);
    }

    [Fact]
    public void Thousand_identical_callers_make_one_upstream_call()
    {
        var actor = Start();
        var calls = Enumerable.Range(0, 1000).Select(_ => Admit(actor, Intent(key: "k"))).ToList();
        var admitted = ExpectMsg<Admitted>();
        ExpectNoMsg(0);
        Complete(actor, admitted.Call, fill: Fill);
        var answered = ReceiveN(999).Cast<CacheHit>().Select(hit => hit.Call).Append(admitted.Call).ToHashSet();
        answered.SetEquals(calls).ShouldBeTrue();
    }

    [Fact]
    public void Lost_session_is_opened_again_once_for_a_hundred_callers()
    {
        Model = Model! with { Concurrency = new() { Max = 200 }, Revision = "2" };
        var actor = Start();
        var calls = Enumerable.Range(0, 100).Select(_ => Run(actor)).ToList();
        foreach (var call in calls)
        {
            actor.Tell(new AttemptFailed(Server, call.Call, Outcome(AttemptResult.SessionLost), call.Connection), TestActor);
        }

        var healed = ReceiveN(100).Cast<Admitted>().ToList();
        healed.ShouldAllBe(reply => reply.Connection == healed[0].Connection);
        Upstream.Connects.ShouldBe(2);
        Status(actor).Healing.SessionsReinitialised.ShouldBe(1);
        Registry.Count.ShouldBe(1);
    }

    [Fact]
    public void Hundred_callers_wait_for_one_connection()
    {
        var open = new TaskCompletionSource();
        Upstream.OnConnect = _ => open.Task;
        var actor = Start();
        for (var i = 0; i < 60; i++)
        {
            Admit(actor);
        }

        Status(actor).Condition.ShouldBe(ServerCondition.Starting);
        open.SetResult();
        ReceiveN(60).ShouldAllBe(reply => reply is Admitted);
        Upstream.Connects.ShouldBe(1);
    }

    [Fact]
    public void Process_that_ends_again_and_again_opens_the_circuit()
    {
        Model = Model! with { Transport = McpActors.Core.Configuration.ServerTransport.Stdio, Command = "x", Revision = "2" };
        Upstream.ProcessId = 4711;
        var actor = Start();
        for (var crash = 0; crash < 5; crash++)
        {
            var admitted = Run(actor);
            Upstream.Open[admitted.Connection].Die();
            AwaitAssert(() => Status(actor).LastErrors.Count.ShouldBe(crash + 1));
            Complete(actor, admitted.Call, AttemptResult.Cancelled);
            Pass(actor, TimeSpan.FromSeconds(crash < 4 ? 9 : 0));
        }

        Status(actor).Circuit.Reason!.ShouldContain("5 times");
    }

    [Fact]
    public void Half_open_calls_run_over_a_fresh_connection()
    {
        var actor = Start();
        var old = Run(actor);
        Complete(actor, old.Call);
        OpenCircuit(actor);
        Pass(actor, TimeSpan.FromSeconds(11));
        var probe = Run(actor);
        probe.Connection.ShouldNotBe(old.Connection);
        Registry.Find(old.Connection).ShouldBeNull();
        Complete(actor, probe.Call);
        Complete(actor, Run(actor).Call);
        Complete(actor, Run(actor).Call);
        Status(actor).Circuit.State.ShouldBe(CircuitPhase.Closed);
    }

    [Fact]
    public void Idle_connection_is_closed_and_the_actor_leaves_memory()
    {
        var actor = Start();
        Complete(actor, Run(actor).Call);
        Pass(actor, TimeSpan.FromMinutes(21));
        AwaitAssert(() => Upstream.Open.ShouldBeEmpty());
        Status(actor).Condition.ShouldBe(ServerCondition.Idle);
        Run(actor);
        Upstream.Connects.ShouldBe(2);
    }

    [Fact]
    public void Hand_off_lets_calls_end_refuses_new_ones_and_closes_connections()
    {
        var actor = Start();
        Watch(actor);
        var running = Run(actor);
        actor.Tell(ServerActor.HandOff.Instance);
        var late = Admit(actor);
        ExpectMsg<Rejected>(reply => reply.Call == late).Reason.ShouldBe(RejectReason.Draining);
        Upstream.Open.Count.ShouldBe(1);
        Complete(actor, running.Call);
        ExpectTerminated(actor);
        Upstream.Open.ShouldBeEmpty();
        Registry.Count.ShouldBe(0);
    }

    [Fact]
    public void Call_that_outlasts_the_hand_off_keeps_its_connection_and_nothing_new_is_admitted()
    {
        Upstream.IsBusy = true;
        var actor = Start();
        Watch(actor);
        Run(actor);
        actor.Tell(ServerActor.HandOff.Instance);
        var late = Admit(actor);
        ExpectMsg<Rejected>(reply => reply.Call == late).Reason.ShouldBe(RejectReason.Draining);
        Scheduler.Advance(TimeSpan.FromSeconds(5));
        ExpectTerminated(actor);

        Upstream.Open.Count.ShouldBe(1);
        Registry.Count.ShouldBe(1);
        Pool.WhenNoneLingersAsync(CancellationToken.None).IsCompleted.ShouldBeFalse();
        Upstream.IsBusy = false;
        AwaitAssert(() => Upstream.Open.ShouldBeEmpty());
        AwaitAssert(() => Pool.WhenNoneLingersAsync(CancellationToken.None).IsCompleted.ShouldBeTrue());
        Registry.Count.ShouldBe(0);
    }

    [Fact]
    public void Session_that_other_nodes_use_is_ended_when_they_have_given_it_back()
    {
        Upstream.IsBusy = null;
        var actor = Start();
        Watch(actor);
        Run(actor);
        actor.Tell(ServerActor.HandOff.Instance);
        Status(actor);
        Scheduler.Advance(TimeSpan.FromSeconds(5));
        ExpectTerminated(actor);
        Upstream.Open.Count.ShouldBe(1);
        Pool.WhenNoneLingersAsync(CancellationToken.None).IsCompleted.ShouldBeFalse();

        Loans.GivenBack = true;

        AwaitAssert(() => Pool.WhenNoneLingersAsync(CancellationToken.None).IsCompleted.ShouldBeTrue());
        Upstream.Open.ShouldBeEmpty();
        Registry.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Connection_that_is_left_to_its_calls_ends_with_the_node()
    {
        Upstream.IsBusy = true;
        var actor = Start();
        Watch(actor);
        Run(actor);
        actor.Tell(ServerActor.HandOff.Instance);
        Status(actor);
        Scheduler.Advance(TimeSpan.FromSeconds(5));
        ExpectTerminated(actor);

        await Pool.CloseAllAsync(CancellationToken.None);

        Upstream.Open.ShouldBeEmpty();
    }

    [Fact]
    public void Connection_that_arrives_after_the_actor_ended_is_closed()
    {
        var open = new TaskCompletionSource();
        Upstream.OnConnect = _ => open.Task;
        var actor = Start();
        Admit(actor);
        AwaitAssert(() => Upstream.Connects.ShouldBe(1));
        Sys.Stop(actor);
        ExpectMsg<Rejected>().Reason.ShouldBe(RejectReason.Unavailable);
        open.SetResult();
        AwaitAssert(() => Upstream.Open.ShouldBeEmpty());
        Registry.Count.ShouldBe(0);
    }

    [Fact]
    public void Changed_definition_is_in_force_with_the_next_call()
    {
        var actor = Start();
        var before = Run(actor);
        Model = Model! with { Url = new Uri("http://127.0.0.1:2/mcp"), Revision = "2" };
        var after = Run(actor);
        after.Connection.ShouldNotBe(before.Connection);
        Upstream.Requests.Last().Server.Revision.ShouldBe("2");
        Registry.Find(before.Connection).ShouldNotBeNull("its call still runs");
        Complete(actor, before.Call);
        AwaitAssert(() => Registry.Find(before.Connection).ShouldBeNull());

        Model = null;
        var gone = Admit(actor);
        ExpectMsg<Rejected>(reply => reply.Call == gone).Reason.ShouldBe(RejectReason.Unknown);
    }

    [Fact]
    public void Lists_are_fetched_on_demand_learnt_and_answered_from_the_last_good_copy()
    {
        Upstream.Capabilities = """{"tools":{}}""";
        Upstream.OnList = _ => """{"tools":[{"name":"a","inputSchema":{}}]}""";
        var actor = Start();
        actor.Tell(new GetCatalogue(Server, Core.Servers.Catalogue.ListKinds.All, Time.GetUtcNow() + TimeSpan.FromSeconds(10)), TestActor);
        var reply = ExpectMsg<CatalogueReply>();
        reply.Fresh.ShouldBeTrue();
        reply.Catalogue!.Tools!.Items.Single().Name.ShouldBe("a");
        Upstream.Lists.Count.ShouldBe(1);

        AwaitStored(actor);
        Kill(actor);
        Upstream.OnConnect = _ => Task.FromException(FakeUpstream.Refused());
        var again = Start("again");
        Pass(again, TimeSpan.FromMinutes(5));
        again.Tell(new GetCatalogue(Server, Core.Servers.Catalogue.ListKinds.Tools, Time.GetUtcNow() + TimeSpan.FromMilliseconds(100)), TestActor);
        AwaitAssert(() => Upstream.Connects.ShouldBe(2));
        Scheduler.Advance(TimeSpan.FromMilliseconds(100));
        var stale = ExpectMsg<CatalogueReply>();
        stale.Fresh.ShouldBeFalse();
        stale.UnavailableReason.ShouldNotBeNull();
        stale.Catalogue!.Tools!.Items.Single().Name.ShouldBe("a");
    }

    [Fact]
    public void Changed_list_is_announced_and_fetched_anew()
    {
        Upstream.Capabilities = """{"tools":{"listChanged":true}}""";
        Upstream.OnList = _ => """{"tools":[{"name":"a","inputSchema":{}}]}""";
        var news = CreateTestProbe();
        Sys.EventStream.Subscribe(news, typeof(UpstreamNews));
        var actor = Start();
        var admitted = Run(actor);
        AwaitAssert(() => Status(actor).Lists.Count.ShouldBe(1));

        Upstream.OnList = _ => """{"tools":[{"name":"b","inputSchema":{}}]}""";
        Upstream.Open[admitted.Connection].Say("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");
        news.ExpectMsg<UpstreamNews>().Slot.ShouldBe(SlotKey.Shared);
        AwaitAssert(() => Status(actor).Lists.Single().Fresh.ShouldBeFalse());
        Pass(actor, TimeSpan.FromMilliseconds(200));
        AwaitAssert(() => Status(actor).Lists.Single().Fresh.ShouldBeTrue());
        Upstream.Lists.Count.ShouldBe(2);
    }

    [Fact]
    public void Safe_call_comes_back_after_its_back_off()
    {
        var actor = Start();
        var first = Run(actor, Intent(McpMethod.PromptsGet));
        actor.Tell(new AttemptFailed(Server, first.Call, Outcome(AttemptResult.ServerError), first.Connection), TestActor);
        Status(actor).Load.InFlight.ShouldBe(1);
        Scheduler.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg<Admitted>().Attempt.ShouldBe(2);
    }
}
