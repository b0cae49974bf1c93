using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Tests.Servers.Decisions;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Lease;

/// <summary>The calls of a node under its lease.</summary>
public sealed class LeasedCallsTests
{
    [Fact]
    public void First_call_of_a_tool_asks_the_owner_and_the_next_one_goes_under_the_lease()
    {
        var server = new LeasedServer();
        server.Call(0, out _).ShouldBe(new LeaseStep(LeaseStepKind.AskOwner, Reason: LeaseReason.NoLease));
        server.Report(0);
        server.Call(0, out _).Reason.ShouldBe(LeaseReason.NotKnownHere);

        server.Lease(0);
        var admitted = server.Run(0);

        admitted.Connection.ShouldBe(new ConnectionId(501), "its own connection, not the owner's");
        admitted.Tool.ShouldNotBeNull().Name.ShouldBe(LeasedServer.Tool);
        admitted.Attempt.ShouldBe(1);
        server[0].Admit(server.NextCall(), server.Intent("other"), server.Now).Reason.ShouldBe(LeaseReason.NotKnownHere);
    }

    [Fact]
    public void What_is_known_of_a_tool_counts_only_until_the_list_changes()
    {
        var server = new LeasedServer().Lease(0);
        server.End(0, server.Run(0).Call);

        server.Driver.Decider.ListChanged(McpActors.Core.Servers.Catalogue.ListKind.Tools, server.Now);
        server.Report(0);

        server.Call(0, out _).Reason.ShouldBe(LeaseReason.NotKnownHere);
    }

    [Fact]
    public void Failed_attempt_is_retried_as_the_owner_would_until_the_lease_has_no_retries_left()
    {
        var server = new LeasedServer().Lease(0);
        server.Report(0);
        var call = server.Run(0).Call;

        for (var attempt = 2; attempt <= 3; attempt++)
        {
            var rest = server[0].AttemptFailed(call, LeasedServer.Outcome(AttemptResult.ServerError), 0.5, server.Now).ShouldNotBeNull();
            rest.Kind.ShouldBe(LeaseStepKind.Delay);
            server.Driver.Pass(rest.Delay);
            server[0].Again(call, server.Now).ShouldNotBeNull().Reply.ShouldBeOfType<Admitted>().Attempt.ShouldBe(attempt);
        }

        Fail(server, call).Reason.ShouldBe(GiveUpReason.AttemptsUsed);
        server[0].Knows(call).ShouldBeFalse();
        var second = server.Run(0).Call;
        server[0].AttemptFailed(second, LeasedServer.Outcome(AttemptResult.ServerError), 0.5, server.Now).ShouldNotBeNull().Kind.ShouldBe(LeaseStepKind.Delay);
        var third = server.Run(0).Call;
        Fail(server, third).Reason.ShouldBe(GiveUpReason.BudgetEmpty, "three retries came with the lease, the floor of the server's budget");
    }

    [Fact]
    public void Write_that_may_have_run_is_not_sent_again()
    {
        var settings = LeasedServer.Modern with { ToolClasses = System.Collections.Frozen.FrozenDictionary<string, CallClass>.Empty };
        var server = new LeasedServer(settings).Lease(0);
        server.Report(0);

        Fail(server, server.Run(0).Call, AttemptResult.Timeout).Reason.ShouldBe(GiveUpReason.NotRepeatable);
    }

    [Fact]
    public void Calls_beyond_the_permits_wait_and_are_served_in_order_or_refused_in_time()
    {
        var server = new LeasedServer(nodes: 1).Lease(0);
        var permits = server[0].Snapshot(server.Now).Permits;
        permits.ShouldBeGreaterThan(5);
        var running = Enumerable.Range(0, permits).Select(_ => server.Run(0).Call).ToList();
        server.Call(0, out var first).Kind.ShouldBe(LeaseStepKind.Wait);
        server.Call(0, out var second).Kind.ShouldBe(LeaseStepKind.Wait);

        server.End(0, running[0]);
        var served = server[0].Late.ShouldHaveSingleItem();
        served.Call.ShouldBe(first);
        served.Step.Reply.ShouldBeOfType<Admitted>();
        server[0].Late.Clear();

        server.Driver.Pass(TimeSpan.FromSeconds(1.1));
        server[0].Tick(server.Now);
        var refused = server[0].Late.ShouldHaveSingleItem();
        refused.Call.ShouldBe(second);
        refused.Step.Reply.ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.QueueTimeout);
        server[0].Knows(second).ShouldBeFalse();
    }

    [Fact]
    public void Circuit_that_opens_refuses_new_calls_and_those_that_wait_and_no_attempt_follows()
    {
        var server = new LeasedServer(nodes: 1).Lease(0);
        var running = Enumerable.Range(0, server[0].Snapshot(server.Now).Permits).Select(_ => server.Run(0).Call).ToList();
        server.Call(0, out var waiting).Kind.ShouldBe(LeaseStepKind.Wait);

        server.Driver.Order(new SetCircuitMode(DeciderDriver.Server, OperatorCircuitMode.ForcedOpen, "maintenance", TimeSpan.FromMinutes(5), "anna"));
        server.Deliver().ShouldBe(["n0"]);

        var turned = server[0].Late.ShouldHaveSingleItem();
        turned.Call.ShouldBe(waiting);
        turned.Step.Reply.ShouldBeOfType<Rejected>().Text.ShouldContain("maintenance");
        var refused = server.Call(0, out _).Reply.ShouldBeOfType<Rejected>();
        refused.Reason.ShouldBe(RejectReason.CircuitOpen);
        refused.RetryAfter.ShouldNotBeNull();
        Fail(server, running[0]).Reason.ShouldBe(GiveUpReason.CircuitOpen);
    }

    [Fact]
    public void Owner_that_stays_silent_is_done_without_for_ttl_and_grace_and_then_the_caller_is_told()
    {
        var server = new LeasedServer().Lease(0);
        server.Report(0);
        var granted = server.Now;

        server.Driver.Pass(TimeSpan.FromSeconds(21.9));
        server[0].TakeReport(server.Now - TimeSpan.FromSeconds(21.8));
        server.End(0, server.Run(0).Call);

        server.Driver.Pass(TimeSpan.FromSeconds(0.2));
        (server.Now - granted).ShouldBeGreaterThan(TimeSpan.FromSeconds(22));
        var refused = server.Call(0, out _).Reply.ShouldBeOfType<Rejected>();
        refused.Reason.ShouldBe(RejectReason.Unavailable);
        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        refused.Text.ShouldContain("no owner");
    }

    [Fact]
    public void Connection_that_is_replaced_is_closed_after_its_last_call()
    {
        var server = new LeasedServer().Lease(0);
        var call = server.Run(0).Call;

        server[0].Connect([new ConnectionId(900)]);
        server[0].Unused.ShouldBeEmpty();
        server.Run(0).Connection.ShouldBe(new ConnectionId(900));
        server.End(0, call);

        server[0].Unused.ShouldBe([new ConnectionId(501)]);
    }

    [Fact]
    public void Node_that_knows_the_server_otherwise_does_not_connect()
    {
        var server = new LeasedServer().Lease(0);
        server[0].Connectable.ShouldNotBeNull().Revision.ShouldBe(ProtocolRevision.V20260728.Text);

        server[0].Reconfigure(server.Settings with { ConnectionFingerprint = "other" }, server.Now);

        server[0].Connectable.ShouldBeNull();
    }

    [Fact]
    public void Caller_that_leaves_gives_its_permit_back_and_speaks_neither_for_nor_against_the_server()
    {
        var server = new LeasedServer().Lease(0);
        var call = server.Run(0).Call;
        server[0].Snapshot(server.Now).InUse.ShouldBe(1);

        server[0].Abandon(call, server.Now).ShouldBeTrue();

        server[0].Snapshot(server.Now).InUse.ShouldBe(0);
        server[0].TakeReport(server.Now).Batches.SelectMany(batch => batch.Runs).ShouldBeEmpty();
        server[0].Abandon(call, server.Now).ShouldBeFalse();
    }

    [Fact]
    public void Replicas_share_the_calls_of_a_lease_and_one_where_nobody_is_costs_none()
    {
        var server = new LeasedServer(Replicated).Lease(0);
        server.Report(0);
        var admitted = Enumerable.Range(0, 6).Select(_ => server.Run(0)).ToList();
        admitted.GroupBy(reply => reply.Connection).Select(replica => replica.Count()).ShouldBe([2, 2, 2]);
        admitted.Skip(1).ToList().ForEach(reply => server.End(0, reply.Call));
        server[0].TakeReport(server.Now);

        var step = server[0].AttemptFailed(admitted[0].Call, LeasedServer.Outcome(AttemptResult.ConnectFailed), 0.5, server.Now).ShouldNotBeNull();

        step.Reply.ShouldBeOfType<Admitted>().Connection.ShouldNotBe(admitted[0].Connection);
        server[0].TakeReport(server.Now).Batches.SelectMany(batch => batch.Runs).ShouldNotContain(run => run.Verdict == CircuitVerdict.Failure && !run.Own);
        Enumerable.Range(0, 8).Select(_ => server.Run(0).Connection).ShouldNotContain(admitted[0].Connection);
        server.Driver.Pass(TimeSpan.FromSeconds(1));
        Enumerable.Range(0, 4).Select(_ => server.Run(0).Connection).ShouldContain(admitted[0].Connection, "whoever is back is found by a call");
    }

    [Fact]
    public void Of_a_server_without_replicas_each_refused_connection_counts_and_the_owner_is_told_in_the_end()
    {
        var server = new LeasedServer().Lease(0);
        server.Report(0);
        var call = server.Run(0).Call;
        for (var attempt = 2; attempt <= 3; attempt++)
        {
            var rest = server[0].AttemptFailed(call, LeasedServer.Outcome(AttemptResult.ConnectFailed), 0.5, server.Now).ShouldNotBeNull();
            rest.Kind.ShouldBe(LeaseStepKind.Delay);
            server.Driver.Pass(rest.Delay);
            server[0].Again(call, server.Now).ShouldNotBeNull().Reply.ShouldBeOfType<Admitted>();
        }

        Fail(server, call, AttemptResult.ConnectFailed).Reason.ShouldBe(GiveUpReason.AttemptsUsed);
        var runs = server[0].TakeReport(server.Now).Batches.SelectMany(batch => batch.Runs).ToList();
        runs.Where(run => run.Verdict == CircuitVerdict.Failure).Sum(run => run.Count).ShouldBe(3);
        runs.ShouldContain(run => run.Refused);
    }

    [Fact]
    public void Where_nobody_is_at_any_replica_the_owner_is_told_that_all_refuse()
    {
        var server = new LeasedServer(Replicated).Lease(0);
        server.Report(0);
        var call = server.Run(0).Call;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            server[0].AttemptFailed(call, LeasedServer.Outcome(AttemptResult.ConnectFailed), 0.5, server.Now).ShouldNotBeNull().Reply.ShouldBeOfType<Admitted>();
        }

        Fail(server, call, AttemptResult.ConnectFailed).Reason.ShouldBe(GiveUpReason.AttemptsUsed);
        var runs = server[0].TakeReport(server.Now).Batches.SelectMany(batch => batch.Runs).ToList();
        runs.Count(run => run.Verdict == CircuitVerdict.Failure && !run.Own).ShouldBe(1, "only of the last one could it be said that nobody is anywhere");
        runs.ShouldContain(run => run.Refused);
    }

    [Fact]
    public void Replica_that_does_badly_is_left_out_by_the_node_itself()
    {
        var server = new LeasedServer(Replicated).Lease(0);
        server.Report(0);
        var bad = server.Run(0);
        server.End(0, bad.Call);
        for (var i = 0; i < 40 && server[0].ReplicaChanges.Count == 0; i++)
        {
            var reply = server.Run(0);
            server[0].Complete(reply.Call, LeasedServer.Outcome(reply.Connection == bad.Connection ? AttemptResult.Timeout : AttemptResult.Success), server.Now);
        }

        server[0].ReplicaChanges.ShouldHaveSingleItem().Phase.ShouldBe(ReplicaPhase.Ejected);
        Enumerable.Range(0, 8).Select(_ => server.Run(0).Connection).ShouldNotContain(bad.Connection);
    }

    private static ServerSettings Replicated => LeasedServer.Modern with
    {
        Replicas = [.. Enumerable.Range(0, 3).Select(i => new ReplicaSettings($"http://replica-{i}/", 1))],
    };

    private static GaveUp Fail(LeasedServer server, CallId call, AttemptResult result = AttemptResult.ServerError) =>
        server[0].AttemptFailed(call, LeasedServer.Outcome(result), 0.5, server.Now).ShouldNotBeNull().Reply.ShouldBeOfType<GaveUp>();
}
