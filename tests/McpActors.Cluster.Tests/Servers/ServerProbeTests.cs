using Akka.Actor;
using McpActors.Cluster.Health;
using McpActors.Core.Configuration;
using McpActors.Core.Health;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Transports;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers;

public sealed class ServerProbeTests : ServerActorKit
{
    [Fact]
    public void A_probe_starts_nothing_that_is_stopped()
    {
        foreach (var transport in (ServerTransport[])[ServerTransport.Stdio, ServerTransport.Http])
        {
            Model = Model! with { Transport = transport, Command = "true" };
            var probed = Probe(Start(transport.ToString()));

            probed.Result.ShouldBe(ProbeResult.Skipped);
            probed.Facts.Life.ShouldBe(ServerLife.Idle);
        }

        Upstream.Connects.ShouldBe(0);
    }

    [Theory]
    [InlineData(false, "\"method\":\"ping\"")]
    [InlineData(true, "\"method\":\"server/discover\"")]
    public void A_probe_asks_in_the_words_of_the_era_over_the_connection_that_is_there(bool modern, string expected)
    {
        Upstream.Revision = modern ? ProtocolRevision.V20260728 : ProtocolRevision.V20251125;
        var actor = Start();
        Complete(actor, Run(actor).Call);
        Upstream.Lists.Clear();

        var probed = Probe(actor);

        probed.Result.ShouldBe(ProbeResult.Answered);
        Upstream.Lists.ShouldHaveSingleItem().ShouldContain(expected);
        Upstream.Connects.ShouldBe(1);
        var status = Status(actor);
        status.LastProbe!.Result.ShouldBe(ProbeResult.Answered);
        status.Load.Calls.ShouldBe(1, "a probe is no call");
    }

    [Fact]
    public void Probes_do_not_keep_an_idle_connection_open()
    {
        var actor = Start();
        Complete(actor, Run(actor).Call);
        for (var minute = 0; minute < 9; minute++)
        {
            Pass(actor, TimeSpan.FromMinutes(1));
            Probe(actor).Result.ShouldBe(ProbeResult.Answered);
        }

        Pass(actor, TimeSpan.FromMinutes(2));
        AwaitAssert(() => Upstream.Open.ShouldBeEmpty());
        Probe(actor).Result.ShouldBe(ProbeResult.Skipped);
        Upstream.Connects.ShouldBe(1);
    }

    [Fact]
    public void A_failed_probe_is_told_and_no_sample_of_the_circuit()
    {
        var actor = Start();
        Complete(actor, Run(actor).Call);
        Upstream.OnList = _ => throw new UpstreamException(AttemptResult.Timeout, "no answer");
        for (var i = 0; i < 10; i++)
        {
            Probe(actor).ShouldSatisfyAllConditions(probed => probed.Result.ShouldBe(ProbeResult.Failed), probed => probed.Text.ShouldBe("no answer"));
        }

        Status(actor).Circuit.ShouldSatisfyAllConditions(circuit => circuit.State.ShouldBe(CircuitPhase.Closed), circuit => circuit.Window.Failures.ShouldBe(0));
    }

    [Fact]
    public void A_session_that_the_server_forgot_is_noticed_by_a_probe_and_opened_again_by_the_next_call()
    {
        var actor = Start();
        Complete(actor, Run(actor).Call);
        Upstream.OnList = _ => throw new UpstreamException(AttemptResult.SessionLost, "unknown session");

        Probe(actor).Result.ShouldBe(ProbeResult.Answered, "who says that it knows no session lives");

        Upstream.OnList = _ => "{}";
        Run(actor);
        Upstream.Connects.ShouldBe(2);
        Status(actor).Healing.SessionsReinitialised.ShouldBe(1);
    }

    [Fact]
    public void An_open_circuit_is_not_probed_until_its_time_has_passed_and_then_over_a_fresh_session()
    {
        var actor = Start();
        OpenCircuit(actor);
        Probe(actor).Facts.Circuit.ShouldBe(CircuitPhase.Open);
        Upstream.Connects.ShouldBe(1);

        Pass(actor, TimeSpan.FromSeconds(11));
        var probed = Probe(actor);

        probed.Result.ShouldBe(ProbeResult.Answered);
        probed.Facts.Circuit.ShouldBe(CircuitPhase.HalfOpen);
        Upstream.Connects.ShouldBe(2);
        Status(actor).Circuit.State.ShouldBe(CircuitPhase.Open, "calls close a circuit, not probes");
        Probe(actor).Result.ShouldBe(ProbeResult.Answered);
        Upstream.Connects.ShouldBe(2, "it is fresh enough");
    }

    [Fact]
    public void Who_asks_while_a_probe_is_under_way_hears_of_that_one()
    {
        var actor = Start();
        OpenCircuit(actor);
        Pass(actor, TimeSpan.FromSeconds(11));
        var hold = new TaskCompletionSource();
        Upstream.OnConnect = _ => hold.Task;
        actor.Tell(new ProbeServer(Server), TestActor);
        actor.Tell(new ProbeServer(Server), TestActor);
        Status(actor);
        hold.SetResult();

        ExpectMsg<ServerProbed>().Result.ShouldBe(ProbeResult.Answered);
        Status(actor);
        Upstream.Connects.ShouldBe(2);
    }

    [Fact]
    public void Transitions_are_told_at_once_and_traffic_in_batches()
    {
        var news = CreateTestProbe();
        Sys.EventStream.Subscribe(news, typeof(FactsKnown));
        var actor = Start();
        actor.Tell(new Admit(Server, new CallId(1), Intent()), CreateTestProbe());
        news.ExpectMsg<FactsKnown>().Facts.Life.ShouldBe(ServerLife.Starting);
        news.ExpectMsg<FactsKnown>().Facts.Life.ShouldBe(ServerLife.Ready);

        Complete(actor, new CallId(1));
        for (var call = 2; call < 100; call++)
        {
            actor.Tell(new Admit(Server, new CallId(call), Intent()), ActorRefs.Nobody);
            Complete(actor, new CallId(call));
        }

        Pass(actor, TimeSpan.FromSeconds(6));
        var facts = news.ExpectMsg<FactsKnown>().Facts;
        facts.Traffic.ShouldBeTrue();
        facts.Window.Successes.ShouldBe(99);
        Pass(actor, TimeSpan.FromSeconds(20));
        news.ExpectNoMsg(0);
    }

    private ServerProbed Probe(IActorRef actor)
    {
        actor.Tell(new ProbeServer(Server), TestActor);
        return ExpectMsg<ServerProbed>(TimeSpan.FromSeconds(10));
    }
}
