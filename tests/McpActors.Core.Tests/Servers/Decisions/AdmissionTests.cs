using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

public sealed class AdmissionTests
{
    private static readonly CacheFill Fill = new("{\"x\":1}"u8.ToArray(), TimeSpan.FromMinutes(1), CacheScope.Private, ProtocolRevision.V20251125);

    [Fact]
    public void First_call_connects_once_and_later_calls_use_the_same_connection()
    {
        var driver = new DeciderDriver();
        var first = driver.Admit();
        var second = driver.Admit();
        first.Reply.ShouldBeNull();
        second.Reply.ShouldBeNull();
        driver.Connects.Count.ShouldBe(1);

        var connection = driver.Connect();
        driver.ReplyTo(first.Call).ShouldBeOfType<Admitted>().Connection.ShouldBe(connection);
        driver.ReplyTo(second.Call).ShouldBeOfType<Admitted>().Connection.ShouldBe(connection);
        driver.Admit().Reply.ShouldBeOfType<Admitted>().Connection.ShouldBe(connection);
        driver.Connects.Count.ShouldBe(1);
    }

    [Fact]
    public void Cached_result_is_served_with_its_remaining_time_without_touching_upstream()
    {
        var driver = new DeciderDriver();
        var run = driver.Run(driver.Intent(key: "a"));
        driver.Complete(run.Call, fill: Fill);
        driver.Pass(TimeSpan.FromSeconds(20));

        var hit = driver.Admit(driver.Intent(key: "a")).Reply.ShouldBeOfType<CacheHit>();
        hit.Stale.ShouldBeFalse();
        hit.RemainingTtl.ShouldBe(TimeSpan.FromSeconds(40));
        hit.Revision.ShouldBe(ProtocolRevision.V20251125);
        driver.Decider.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Stale_result_is_served_and_exactly_one_caller_is_asked_to_renew_it()
    {
        var driver = new DeciderDriver();
        driver.Complete(driver.Run(driver.Intent(key: "a")).Call, fill: Fill);
        driver.Pass(TimeSpan.FromSeconds(61));

        var hits = Enumerable.Range(0, 5).Select(_ => driver.Admit(driver.Intent(key: "a")).Reply.ShouldBeOfType<CacheHit>()).ToList();
        hits.ShouldAllBe(hit => hit.Stale);
        hits.Count(hit => hit.Revalidate).ShouldBe(1);

        var renewal = driver.Admit(driver.Intent(key: "a") with { Refresh = true });
        renewal.Reply.ShouldBeOfType<Admitted>();
        driver.Complete(renewal.Call, fill: Fill);
        driver.Admit(driver.Intent(key: "a")).Reply.ShouldBeOfType<CacheHit>().Stale.ShouldBeFalse();
    }

    [Fact]
    public void Thousand_identical_cold_calls_make_one_upstream_call()
    {
        var driver = new DeciderDriver();
        var calls = Enumerable.Range(0, 1000).Select(_ => driver.Admit(driver.Intent(key: "a")).Call).ToList();
        driver.Connect();
        driver.Replies.Count.ShouldBe(1);
        driver.Complete(calls[0], fill: Fill with { Ttl = TimeSpan.Zero });

        driver.Replies.Count(reply => reply.Reply is Admitted).ShouldBe(1);
        driver.Replies.Count(reply => reply.Reply is CacheHit).ShouldBe(999);
        driver.Decider.Calls.ShouldBe(0);
    }

    [Fact]
    public void Next_of_the_identical_calls_goes_when_the_first_leaves()
    {
        var driver = new DeciderDriver();
        var first = driver.Run(driver.Intent(key: "a"));
        var second = driver.Admit(driver.Intent(key: "a"));
        second.Reply.ShouldBeNull();
        driver.Abandon(first.Call);
        driver.ReplyTo(second.Call).ShouldBeOfType<Admitted>();
    }

    [Fact]
    public void Calls_beyond_the_permits_queue_in_order_and_time_out()
    {
        var driver = new DeciderDriver(new ServerSettings
        {
            Server = DeciderDriver.Server,
            Concurrency = new BulkheadOptions { Max = 1, Queue = 2, QueueTimeout = TimeSpan.FromSeconds(1) },
        });
        var running = driver.Run();
        var queued = driver.Admit();
        var later = driver.Admit();
        driver.Admit().Reply.ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.QueueFull);

        driver.Complete(running.Call);
        driver.ReplyTo(queued.Call).ShouldBeOfType<Admitted>();
        driver.ReplyTo(later.Call).ShouldBeNull();
        driver.Pass(TimeSpan.FromSeconds(1));
        driver.ReplyTo(later.Call).ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.QueueTimeout);
    }

    [Fact]
    public void Open_circuit_rejects_without_touching_upstream()
    {
        var driver = new DeciderDriver();
        Open(driver);
        var connects = driver.Connects.Count;
        var rejected = driver.Admit().Reply.ShouldBeOfType<Rejected>();
        rejected.Reason.ShouldBe(RejectReason.CircuitOpen);
        rejected.RetryAfter.ShouldBe(TimeSpan.FromSeconds(10));
        rejected.Since.ShouldBe(driver.Now);
        driver.Connects.Count.ShouldBe(connects);
    }

    [Fact]
    public void Open_circuit_answers_from_the_last_good_copy_where_there_is_one()
    {
        var driver = new DeciderDriver();
        driver.Complete(driver.Run(driver.Intent(key: "a")).Call, fill: Fill);
        driver.Pass(TimeSpan.FromSeconds(120));
        Open(driver);
        driver.Admit(driver.Intent(key: "a")).Reply.ShouldBeOfType<CacheHit>().Stale.ShouldBeTrue();
    }

    [Fact]
    public void Opening_circuit_refuses_those_that_wait()
    {
        var driver = new DeciderDriver(new ServerSettings
        {
            Server = DeciderDriver.Server,
            Concurrency = new BulkheadOptions { Max = 5, Queue = 10, QueueTimeout = TimeSpan.FromSeconds(10) },
        });
        var running = Enumerable.Range(0, 5).Select(_ => driver.Run().Call).ToList();
        var queued = driver.Admit();
        running.ForEach(call => driver.Complete(call, AttemptResult.Timeout));
        driver.ReplyTo(queued.Call).ShouldBeOfType<Admitted>("it had a permit before the circuit opened");
        driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Open);
        driver.Admit().Reply.ShouldBeOfType<Rejected>();
    }

    [Fact]
    public void Half_open_calls_get_a_fresh_connection_and_close_the_circuit()
    {
        var driver = new DeciderDriver();
        var old = driver.Run().Reply.Connection;
        Open(driver);
        driver.Pass(TimeSpan.FromSeconds(10));

        var probes = Enumerable.Range(0, 3).Select(_ => driver.Admit()).ToList();
        probes.ShouldAllBe(probe => probe.Reply == null);
        driver.Admit().Reply.ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.CircuitOpen);
        driver.Connects.Count.ShouldBe(2);
        var fresh = driver.Connect();
        fresh.ShouldNotBe(old);
        foreach (var (call, _) in probes)
        {
            driver.ReplyTo(call).ShouldBeOfType<Admitted>().Connection.ShouldBe(fresh);
            driver.Complete(call);
        }

        driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Closed);
    }

    [Fact]
    public void Session_slot_without_a_profile_asks_for_it_once()
    {
        var driver = new DeciderDriver();
        var slot = SlotKey.ForSession("abc");
        driver.Admit(driver.Intent(slot: slot)).Reply.ShouldBeOfType<ProfileRequired>();
        driver.Connects.ShouldBeEmpty();

        var profile = new ClientProfile(ProtocolRevision.V20251125, "{}"u8.ToArray(), "{}"u8.ToArray());
        driver.Admit(driver.Intent(slot: slot), profile).Reply.ShouldBeNull();
        driver.Connects.Single().Profile.ShouldBe(profile);
        driver.Connect();
        driver.Admit(driver.Intent(slot: slot)).Reply.ShouldBeOfType<Admitted>();
    }

    [Fact]
    public void Stateless_upstream_serves_every_slot_over_one_connection()
    {
        var driver = new DeciderDriver();
        var profile = new ClientProfile(ProtocolRevision.V20251125, "{}"u8.ToArray(), "{}"u8.ToArray());
        driver.Admit(driver.Intent(slot: SlotKey.ForSession("a")), profile);
        var connection = driver.Connect(DeciderDriver.Peer(ProtocolRevision.V20260728, "{}"));
        driver.Admit(driver.Intent(slot: SlotKey.ForSession("b"))).Reply.ShouldBeOfType<Admitted>().Connection.ShouldBe(connection);
        driver.Connects.Count.ShouldBe(1);
        driver.Closed.ShouldBeEmpty();
    }

    [Fact]
    public void Lost_carrier_gives_its_permit_back_after_the_deadline()
    {
        var driver = new DeciderDriver();
        driver.Run(driver.Intent(deadline: TimeSpan.FromSeconds(2)));
        driver.Decider.InFlight.ShouldBe(1);
        driver.Pass(TimeSpan.FromSeconds(8));
        driver.Decider.InFlight.ShouldBe(0);
        driver.Decider.Calls.ShouldBe(0);
    }

    [Fact]
    public void Disabled_and_unknown_servers_refuse()
    {
        new DeciderDriver(new ServerSettings { Server = DeciderDriver.Server, Enabled = false })
            .Admit().Reply.ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.Disabled);
        new DeciderDriver(ServerSettings.Missing(DeciderDriver.Server))
            .Admit().Reply.ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.Unknown);
    }

    [Fact]
    public void Attempt_time_counts_only_where_another_attempt_is_allowed()
    {
        var driver = new DeciderDriver();
        driver.Run().Reply.AttemptTimeout.ShouldBe(DeciderDriver.Deadline);
        driver.Run(driver.Intent(McpMethod.ResourcesRead)).Reply.AttemptTimeout.ShouldBe(TimeSpan.FromSeconds(20));
    }

    private static void Open(DeciderDriver driver)
    {
        for (var i = 0; i < 5; i++)
        {
            driver.Complete(driver.Run().Call, AttemptResult.Timeout);
        }

        driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Open);
    }
}
