using McpActors.Core.Health;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

/// <summary>Several replicas of one server: where calls go, what a failure says of whom, and how what was lost comes back.</summary>
public sealed class ReplicaTests
{
    private static readonly PeerInfo Modern = DeciderDriver.Peer(ProtocolRevision.V20260728, "{}");

    private readonly DeciderDriver _driver = new(Settings(3));

    [Fact]
    public void All_replicas_are_connected_with_the_first_call_and_share_the_calls()
    {
        ConnectAll(Modern);
        var calls = Enumerable.Range(0, 6).Select(_ => EndpointOf(_driver.Run().Reply)).ToList();
        calls.GroupBy(endpoint => endpoint).ShouldAllBe(replica => replica.Count() == 2);
        calls.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void A_refused_connection_is_taken_elsewhere_at_once_and_is_no_sample_of_the_circuit()
    {
        ConnectAll(Modern);
        var (call, first) = _driver.Run();
        var again = _driver.Fail(call, AttemptResult.ConnectFailed, sent: false).ShouldBeOfType<Admitted>();
        EndpointOf(again).ShouldNotBe(EndpointOf(first));
        _driver.Decider.Status(_driver.Now).Circuit.Window.Failures.ShouldBe(0);
        _driver.Closed.ShouldContain(first.Connection);
        Enumerable.Range(0, 10).ShouldAllBe(_ => EndpointOf(_driver.Run().Reply) != EndpointOf(first), "nobody is there");
    }

    [Fact]
    public void One_that_went_away_is_connected_in_the_background_and_gets_calls_again()
    {
        ConnectAll(Modern);
        var (call, first) = _driver.Run();
        var gone = EndpointOf(first);
        _driver.Fail(call, AttemptResult.ConnectFailed, sent: false);
        var before = _driver.Connects.Count;
        _driver.Pass(TimeSpan.FromSeconds(1));
        _driver.Connects.Skip(before).ShouldHaveSingleItem().Endpoint.ShouldBe(gone);
        _driver.ConnectFails();
        _driver.Decider.Status(_driver.Now).Replicas[gone].Reachable.ShouldBeFalse();
        _driver.Pass(TimeSpan.FromSeconds(1));
        _driver.Connect(Modern);
        _driver.Decider.Status(_driver.Now).Replicas[gone].Reachable.ShouldBeTrue();
        Enumerable.Range(0, 3).ShouldContain(_ => EndpointOf(_driver.Run().Reply) == gone);
    }

    [Fact]
    public void A_call_that_is_no_more_repeatable_is_not_taken_elsewhere()
    {
        ConnectAll(Modern);
        var (call, _) = _driver.Run();
        _driver.Fail(call, AttemptResult.Reset, sent: true).ShouldBeOfType<GaveUp>().Reason.ShouldBe(GiveUpReason.NotRepeatable);
    }

    [Fact]
    public void A_replica_that_fails_is_left_out_and_the_circuit_stays_closed()
    {
        ConnectAll(Modern);
        for (var i = 0; i < 60; i++)
        {
            var (call, reply) = _driver.Run(_driver.Intent(McpMethod.ResourcesRead));
            if (EndpointOf(reply) == 1)
            {
                _driver.Fail(call, AttemptResult.ServerError);
                _driver.Pass(TimeSpan.FromSeconds(4));
                EndpointOf(_driver.ReplyTo(call).ShouldBeOfType<Admitted>()).ShouldNotBe(1, "it failed there");
            }

            _driver.Complete(call);
        }

        _driver.Others.OfType<ServerEffect.TellReplica>().ShouldHaveSingleItem().Change.ShouldSatisfyAllConditions(
            change => change.Endpoint.ShouldBe(1),
            change => change.Phase.ShouldBe(ReplicaPhase.Ejected));
        var status = _driver.Decider.Status(_driver.Now);
        status.Circuit.State.ShouldBe(CircuitPhase.Closed);
        status.Circuit.Window.Failures.ShouldBe(0);
        status.Condition.ShouldBe(ServerCondition.Degraded);
        status.Reason.ShouldNotBeNull().ShouldContain("replica 1 (http://replica-1/mcp) is left out until");
    }

    [Fact]
    public void Where_all_replicas_fail_the_circuit_opens()
    {
        ConnectAll(Modern);
        for (var i = 0; i < 12 && _driver.Decider.State.Circuit.Phase == CircuitPhase.Closed; i++)
        {
            _driver.Complete(_driver.Run().Call, AttemptResult.Timeout);
        }

        _driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Open);
    }

    [Fact]
    public void Where_all_replicas_refuse_the_connection_the_second_call_opens_the_circuit()
    {
        for (var i = 0; i < 2; i++)
        {
            _driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Closed);
            var (call, _) = _driver.Admit();
            for (var connects = 0; connects < _driver.Connects.Count; connects++)
            {
                _driver.Decider.ConnectFailed(
                    _driver.Connects[connects].Id, DeciderDriver.Outcome(AttemptResult.ConnectFailed, sent: false), new UpstreamFault("refused"), 0.5, _driver.Now);
                _driver.Flush();
                _driver.Pass(TimeSpan.FromMilliseconds(500));
            }

            _driver.ReplyTo(call).ShouldNotBeNull().ShouldNotBeOfType<Admitted>();
        }

        var opened = _driver.Events.OfType<CircuitChanged>().First().Change.ShouldBeOfType<CircuitEvent.Opened>();
        opened.Cause.ShouldBe(CircuitCause.EndpointsRefuse);
        opened.TransportLost.ShouldBeTrue();
    }

    [Fact]
    public void After_an_outage_of_all_the_first_replica_that_is_back_gets_the_half_open_calls()
    {
        Where_all_replicas_refuse_the_connection_the_second_call_opens_the_circuit();
        var before = _driver.Connects.Count;
        _driver.Pass(TimeSpan.FromSeconds(1));
        var probes = _driver.Connects.Skip(before).ToList();
        probes.Select(probe => probe.Endpoint).ShouldBe([0, 1, 2], ignoreOrder: true);
        _driver.Connect(Modern, probes.First(probe => probe.Endpoint == 2).Id);
        _driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.HalfOpen);
        EndpointOf(_driver.Run().Reply).ShouldBe(2);
    }

    [Fact]
    public void A_replica_left_out_is_connected_when_its_time_is_over_and_tried_with_one_call()
    {
        ConnectAll(Modern);
        Eject(1);
        _driver.Pass(TimeSpan.FromSeconds(29));
        Enumerable.Range(0, 9).ShouldAllBe(_ => EndpointOf(_driver.Run().Reply) != 1);
        var before = _driver.Connects.Count;
        _driver.Pass(TimeSpan.FromSeconds(2));
        _driver.Connects.Skip(before).ShouldHaveSingleItem().Endpoint.ShouldBe(1);
        Enumerable.Range(0, 9).ShouldAllBe(_ => EndpointOf(_driver.Run().Reply) != 1, "not before it is connected");
        _driver.Connect(Modern);
        var (trial, reply) = _driver.Run();
        EndpointOf(reply).ShouldBe(1);
        Enumerable.Range(0, 9).ShouldAllBe(_ => EndpointOf(_driver.Run().Reply) != 1, "one call at a time");
        _driver.Complete(trial);
        _driver.Decider.Replicas!.PhaseOf(1).ShouldBe(ReplicaPhase.InUse);
        Enumerable.Range(0, 9).ShouldContain(_ => EndpointOf(_driver.Run().Reply) == 1);
    }

    [Fact]
    public void Calls_that_wait_for_the_connection_to_a_replica_go_on_when_it_is_left_out_meanwhile()
    {
        ConnectAll(Modern);
        var running = Enumerable.Range(0, 15).Select(_ => _driver.Run()).ToLookup(run => EndpointOf(run.Reply), run => run.Call);
        _driver.Connects.Take(3).ToList().ForEach(connect => _driver.Lose(connect.Id));
        var waiting = Enumerable.Range(0, 6).Select(_ => _driver.Admit().Call).ToList();
        var opening = _driver.Connects.Skip(3).ToDictionary(connect => connect.Endpoint, connect => connect.Id);
        opening.Keys.ShouldBe([0, 1, 2], ignoreOrder: true);

        foreach (var call in running[0].Concat(running[2]))
        {
            _driver.Complete(call);
        }

        foreach (var call in running[1])
        {
            _driver.Complete(call, AttemptResult.Timeout);
        }

        _driver.Decider.Replicas!.PhaseOf(1).ShouldBe(ReplicaPhase.Ejected);
        foreach (var id in opening.Values)
        {
            _driver.Connect(Modern, id);
        }

        waiting.ShouldAllBe(call => _driver.ReplyTo(call) is Admitted && EndpointOf((Admitted)_driver.ReplyTo(call)!) != 1);
    }

    [Fact]
    public void A_session_stays_at_its_replica_whatever_becomes_of_the_others()
    {
        var sessions = Enumerable.Range(0, 3).Select(i => OpenSession($"c{i}")).ToList();
        sessions.Select(session => session.Endpoint).ShouldBe([0, 1, 2], ignoreOrder: true);
        var (call, reply) = _driver.Run(_driver.Intent(slot: sessions[0].Slot));
        _driver.Fail(call, AttemptResult.ConnectFailed, sent: false);
        var before = _driver.Connects.Count;
        for (var i = 0; i < 10; i++)
        {
            EndpointOf(_driver.Run(_driver.Intent(slot: sessions[1].Slot)).Reply).ShouldBe(sessions[1].Endpoint);
            EndpointOf(_driver.Run(_driver.Intent(slot: sessions[2].Slot)).Reply).ShouldBe(sessions[2].Endpoint);
        }

        _driver.Connects.Skip(before).ShouldAllBe(connect => connect.Slot == SlotKey.Shared);
        EndpointOf(reply).ShouldBe(sessions[0].Endpoint);
    }

    [Fact]
    public void A_session_whose_replica_went_away_is_opened_at_another_and_its_call_goes_on_there()
    {
        var session = OpenSession("c");
        var (call, _) = _driver.Run(_driver.Intent(slot: session.Slot));
        _driver.Fail(call, AttemptResult.ConnectFailed, sent: false).ShouldBeNull("the session is being opened");
        var connect = _driver.Connects.Last(connect => connect.Slot == session.Slot);
        connect.Endpoint.ShouldNotBe(session.Endpoint);
        connect.Profile.ShouldNotBeNull();
        _driver.Connect(DeciderDriver.Legacy, connect.Id);
        EndpointOf(_driver.ReplyTo(call).ShouldBeOfType<Admitted>()).ShouldBe(connect.Endpoint);
        EndpointOf(_driver.Run(_driver.Intent(slot: session.Slot)).Reply).ShouldBe(connect.Endpoint);
    }

    [Fact]
    public void A_session_that_works_stays_at_a_replica_that_is_left_out_and_moves_when_it_fails_there()
    {
        var session = OpenSession("c");
        OpenSession("other");
        Eject(session.Endpoint, _driver.Intent(slot: OpenSessionAt(session.Endpoint)));
        EndpointOf(_driver.Run(_driver.Intent(slot: session.Slot)).Reply).ShouldBe(session.Endpoint);
        _driver.Complete(_driver.Run(_driver.Intent(slot: session.Slot)).Call, AttemptResult.Timeout);
        _driver.Admit(_driver.Intent(slot: session.Slot)).Reply.ShouldBeNull();
        _driver.Connects[^1].ShouldSatisfyAllConditions(
            connect => connect.Slot.ShouldBe(session.Slot),
            connect => connect.Endpoint.ShouldNotBe(session.Endpoint));
    }

    [Fact]
    public void A_replica_of_another_era_is_refused_with_the_reason()
    {
        _driver.Admit();
        _driver.Connect(Modern);
        _driver.Connect(DeciderDriver.Legacy, _driver.Connects[1].Id);
        var refused = _driver.Connects[1].Endpoint;
        _driver.Closed.ShouldContain(_driver.Connects[1].Id);
        _driver.Decider.Status(_driver.Now).Replicas[refused].LastError.ShouldBe(
            $"replica {refused} speaks 2025-11-25 while the others speak 2026-07-28; replicas of one server must speak the same");
        Enumerable.Range(0, 5).ShouldAllBe(_ => EndpointOf(_driver.Run().Reply) != refused);
    }

    [Fact]
    public void Other_weights_keep_the_connections_and_other_replicas_do_not()
    {
        ConnectAll(Modern);
        _driver.Decider.Reconfigure(Settings(3) with { Replicas = [.. Settings(3).Replicas.Select((replica, i) => replica with { Weight = i == 0 ? 9 : 1 })] }, _driver.Now);
        _driver.Flush();
        _driver.Closed.ShouldBeEmpty();
        Enumerable.Range(0, 22).Count(_ => EndpointOf(_driver.Run().Reply) == 0).ShouldBeInRange(17, 19);

        var (call, _) = _driver.Run();
        _driver.Decider.Reconfigure(Settings(2) with { ConnectionFingerprint = "other" }, _driver.Now);
        _driver.Flush();
        _driver.Complete(call);
        _driver.Admit().Reply.ShouldBeNull();
        _driver.Connects[^1].Endpoint.ShouldBeLessThan(2);
        _driver.Decider.Status(_driver.Now).Replicas.Sum(replica => replica.Outstanding).ShouldBe(1);
    }

    [Fact]
    public void Without_calls_the_connections_are_closed_and_the_server_is_idle()
    {
        ConnectAll(Modern);
        _driver.Complete(_driver.Run().Call);
        foreach (var reply in _driver.Replies.Select(reply => reply.Call).Distinct().ToList())
        {
            _driver.Complete(reply);
        }

        _driver.Decider.IsIdle.ShouldBeFalse();
        _driver.Pass(TimeSpan.FromMinutes(25));
        _driver.Closed.Count.ShouldBe(3);
        _driver.Decider.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void Replica_that_does_not_answer_probes_gets_no_calls_where_there_is_another_until_it_answers_again()
    {
        ConnectAll(Modern);
        var probed = new List<int>();
        for (var i = 0; i < 9; i++)
            probed.Add(Probe(bad: 2));
        probed.GroupBy(endpoint => endpoint).ShouldAllBe(replica => replica.Count() == 3);
        _driver.Decider.Status(_driver.Now).Replicas.Select(replica => replica.Health).ShouldBe([HealthVerdict.Healthy, HealthVerdict.Healthy, HealthVerdict.Unhealthy]);
        _driver.Decider.Status(_driver.Now).Circuit.Window.Failures.ShouldBe(0, "a probe is no sample");

        var calls = Enumerable.Range(0, 6).Select(_ => EndpointOf(_driver.Run().Reply)).ToList();
        calls.ShouldNotContain(2);
        for (var i = 0; i < 6; i++)
            Probe(bad: -1);

        Enumerable.Range(0, 6).Select(_ => EndpointOf(_driver.Run().Reply)).ShouldContain(2);
    }

    private int Probe(int bad)
    {
        _driver.Pass(TimeSpan.FromSeconds(10));
        var connection = _driver.Decider.Probe(_driver.Now).Connection.ShouldNotBeNull();
        _driver.Decider.Effects.RemoveAll(effect => effect is ServerEffect.Ping);
        var endpoint = _driver.Connects.Single(connect => connect.Id == connection).Endpoint;
        _driver.Decider.Pinged(connection, DeciderDriver.Outcome(endpoint == bad ? AttemptResult.Timeout : AttemptResult.Success), 0.5, _driver.Now).ShouldBeTrue();
        return endpoint;
    }

    private static ServerSettings Settings(int replicas) => new()
    {
        Server = DeciderDriver.Server,
        Replicas = [.. Enumerable.Range(0, replicas).Select(i => new ReplicaSettings($"http://replica-{i}/mcp", 1))],
    };

    private void ConnectAll(PeerInfo peer)
    {
        var (call, _) = _driver.Admit();
        for (var i = 0; i < 3; i++)
        {
            _driver.Connect(peer, _driver.Connects[i].Id);
        }

        _driver.Connects.Select(connect => connect.Endpoint).ShouldBe([0, 1, 2], ignoreOrder: true);
        _driver.Complete(call);
    }

    private (SlotKey Slot, int Endpoint) OpenSession(string name)
    {
        var slot = SlotKey.ForSession(name);
        var profile = new ClientProfile(ProtocolRevision.V20251125, "{}"u8.ToArray(), "{}"u8.ToArray());
        var (call, _) = _driver.Admit(_driver.Intent(slot: slot), profile);
        var connect = _driver.Connects.Last(connect => connect.Slot == slot);
        _driver.Connect(DeciderDriver.Legacy, connect.Id);
        _driver.Complete(call);
        return (slot, connect.Endpoint);
    }

    private SlotKey OpenSessionAt(int endpoint)
    {
        for (var i = 0; i < 9; i++)
        {
            if (OpenSession($"more{i}") is var session && session.Endpoint == endpoint)
            {
                return session.Slot;
            }
        }

        throw new InvalidOperationException("no session opened there");
    }

    private void Eject(int endpoint, CallIntent? intent = null)
    {
        for (var i = 0; i < 60 && _driver.Decider.Replicas!.PhaseOf(endpoint) == ReplicaPhase.InUse; i++)
        {
            var (call, reply) = _driver.Run(intent);
            _driver.Complete(call, EndpointOf(reply) == endpoint ? AttemptResult.Timeout : AttemptResult.Success);
        }

        _driver.Decider.Replicas!.PhaseOf(endpoint).ShouldBe(ReplicaPhase.Ejected);
        _driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Closed);
    }

    private int EndpointOf(Admitted reply) => _driver.Connects.Single(connect => connect.Id == reply.Connection).Endpoint;
}
