using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Tests.Servers.Lease;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

/// <summary>The owner's side of leases, as part of all that it decides.</summary>
public sealed class LeaseDecisionTests
{
    [Fact]
    public void Server_that_keeps_state_is_not_leased()
    {
        var server = new LeasedServer(peer: DeciderDriver.Legacy);
        server.Call(0, out _);
        server.Report(0);

        server[0].IsStateful.ShouldBeTrue();
        server[0].Connectable.ShouldBeNull();
        server.Owner.Status(server.Now).Leases!.Holders.ShouldHaveSingleItem().Permits.ShouldBe(0);
        server.Owner.HintFor(server.Driver.Run().Call).ShouldBeNull();
    }

    [Fact]
    public void Leased_calls_count_as_in_flight_and_leave_the_rest_to_the_owner()
    {
        var server = new LeasedServer().Lease(0).Lease(1);
        var calls = Enumerable.Range(0, 5).Select(_ => server.Run(0)).ToList();
        server.Report(0);

        var status = server.Owner.Status(server.Now);
        status.Load.InFlight.ShouldBe(5);
        status.Load.Calls.ShouldBe(9, "the list, one of the start, two that asked, five under the lease");
        var leases = status.Leases.ShouldNotBeNull();
        leases.Holders.Select(lease => lease.Node).ShouldBe(["n0", "n1"]);
        leases.Holders[0].InUse.ShouldBe(5);
        (leases.Holders.Sum(lease => lease.Permits) + leases.OwnLimit).ShouldBe(20);
        for (var i = 0; i < leases.OwnLimit; i++)
        {
            server.Driver.Admit().Reply.ShouldBeOfType<Admitted>();
        }

        server.Driver.Admit().Reply.ShouldBeNull("the next one waits: the other permits are leased");
        calls.ForEach(call => server.End(0, call.Call));
        server.Report(0);
        server.Owner.Status(server.Now).Load.InFlight.ShouldBe(leases.OwnLimit);
    }

    [Fact]
    public void Failures_under_leases_open_the_one_circuit_and_all_holders_are_told_at_once()
    {
        var server = new LeasedServer().Lease(0).Lease(1);
        for (var i = 0; i < 3; i++)
        {
            Fail(server, 0);
        }

        server.Report(0);
        for (var i = 0; i < 2; i++)
        {
            Fail(server, 1);
        }

        server.Owner.TakeReport(server[1].TakeReport(server.Now), server.Now);
        server.Deliver().ShouldBe(["n1", "n0"], "the answer, and the push");

        server.Owner.State.Circuit.Phase.ShouldBe(CircuitPhase.Open);
        var errors = server.Owner.Status(server.Now).LastErrors;
        errors.Select(error => (error.Result, error.Text)).ShouldBe([(AttemptResult.Timeout, "2 times at n1"), (AttemptResult.Timeout, "3 times at n0")]);
        server.Driver.Events.OfType<CircuitChanged>().ShouldHaveSingleItem().Change.Reason.ShouldBe("5 failures in a row");
        server.Call(0, out _).Reply.ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.CircuitOpen);
    }

    [Fact]
    public void Half_open_calls_are_the_owners()
    {
        var server = new LeasedServer().Lease(0);
        for (var i = 0; i < 5; i++)
        {
            Fail(server, 0);
        }

        server.Report(0);
        server.Driver.Pass(TimeSpan.FromSeconds(11));
        server.Call(0, out _).ShouldBe(new LeaseStep(LeaseStepKind.AskOwner, Reason: LeaseReason.Probing));

        var probe = server.RunAtOwner();
        server.Deliver();
        server.Owner.State.Circuit.Phase.ShouldBe(CircuitPhase.HalfOpen);
        server.Call(0, out _).Reason.ShouldBe(LeaseReason.Probing);
        server.Driver.Complete(probe);
        for (var i = 0; i < 2; i++)
        {
            server.Driver.Complete(server.RunAtOwner());
        }

        server.Deliver();
        server.Report(0);
        server.Owner.State.Circuit.Phase.ShouldBe(CircuitPhase.Closed);
        server.Run(0);
    }

    [Theory]
    [InlineData(OperatorCircuitMode.ForcedOpen)]
    [InlineData(OperatorCircuitMode.ForcedClosed)]
    public void Operators_orders_are_told_to_all_holders_at_once(OperatorCircuitMode mode)
    {
        var server = new LeasedServer().Lease(0).Lease(1);

        server.Driver.Order(new SetCircuitMode(DeciderDriver.Server, mode, "maintenance", null, "anna"));
        server.Deliver().ShouldBe(["n0", "n1"], ignoreOrder: true);

        server[0].Snapshot(server.Now).Circuit.Mode.ShouldBe(mode == OperatorCircuitMode.ForcedOpen ? CircuitMode.ForcedOpen : CircuitMode.ForcedClosed);
        server.Driver.Order(new ResetCircuit(DeciderDriver.Server, "anna"));
        server.Deliver().ShouldBe(["n0", "n1"], ignoreOrder: true);
        server.Report(0);
        server.Run(0);
    }

    [Fact]
    public void Fewer_permits_and_a_disabled_server_are_told_at_once()
    {
        var server = new LeasedServer().Lease(0);
        server[0].Snapshot(server.Now).Permits.ShouldBeGreaterThan(2);

        server.Owner.Reconfigure(server.Settings with { Revision = "2", Concurrency = server.Settings.Concurrency with { Max = 2 } }, server.Now);
        server.Deliver().ShouldBe(["n0"]);
        server[0].Snapshot(server.Now).Permits.ShouldBeLessThanOrEqualTo(2);

        server.Owner.Reconfigure(server.Settings with { Revision = "3", Enabled = false }, server.Now);
        server.Deliver().ShouldBe(["n0"]);
        server[0].Snapshot(server.Now).Permits.ShouldBe(0);
    }

    [Fact]
    public void New_owner_uses_its_slack_only_until_it_has_heard_of_all_that_may_be_out()
    {
        var server = new LeasedServer();
        server.Owner.OpenLeases(7, takesOver: true, server.Now);
        server.Said();

        for (var i = 0; i < 5; i++)
        {
            server.Driver.Admit().Reply.ShouldBeOfType<Admitted>("a quarter of 20");
        }

        var (waiting, reply) = server.Driver.Admit();
        reply.ShouldBeNull();
        server.Owner.ConcludeTakeover(server.Now);
        server.Said();

        server.Driver.ReplyTo(waiting).ShouldBeOfType<Admitted>();
        server.Owner.Status(server.Now).Leases!.OwnLimit.ShouldBe(20);
    }

    [Fact]
    public void Owner_that_leases_does_not_sleep_and_takes_back_what_a_silent_holder_had()
    {
        var server = new LeasedServer().Lease(0);
        server.Driver.Pass(TimeSpan.FromSeconds(5));
        server.Owner.IsIdle.ShouldBeFalse();
        server.Owner.Status(server.Now).Leases!.OwnLimit.ShouldBeLessThan(20);

        server.Driver.Pass(TimeSpan.FromSeconds(20));
        server.Said();

        var leases = server.Owner.Status(server.Now).Leases.ShouldNotBeNull();
        leases.Holders.ShouldBeEmpty();
        leases.OwnLimit.ShouldBe(20);
    }

    private static void Fail(LeasedServer server, int node)
    {
        var call = server.Run(node).Call;
        server.End(node, call, AttemptResult.Timeout);
    }
}
