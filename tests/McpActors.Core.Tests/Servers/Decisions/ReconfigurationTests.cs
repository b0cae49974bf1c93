using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

/// <summary>A server is moved, disabled, removed or defined anew while calls wait for it.</summary>
public sealed class ReconfigurationTests
{
    public static TheoryData<RejectReason> Ends { get; } = new(RejectReason.Draining, RejectReason.Disabled, RejectReason.Unknown);

    [Theory]
    [MemberData(nameof(Ends))]
    public void Calls_that_wait_for_the_answer_of_one_that_waits_itself_are_all_refused(RejectReason end)
    {
        var driver = new DeciderDriver();
        var calls = Enumerable.Range(0, 4).Select(_ => driver.Admit(driver.Intent(key: "a")).Call).ToList();

        End(driver, end);

        driver.Replies.Select(reply => reply.Call).ShouldBe(calls, ignoreOrder: true);
        driver.Replies.ShouldAllBe(reply => ((Rejected)reply.Reply).Reason == end);
        driver.Decider.Calls.ShouldBe(0);
        driver.Decider.InFlight.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void Calls_that_wait_for_a_permit_and_those_that_wait_for_their_answer_are_all_refused(RejectReason end)
    {
        var driver = new DeciderDriver(new ServerSettings
        {
            Server = DeciderDriver.Server,
            Concurrency = new BulkheadOptions { Max = 1, Queue = 5, QueueTimeout = TimeSpan.FromSeconds(10) },
        });
        var running = driver.Run();
        var calls = Enumerable.Range(0, 3).Select(_ => driver.Admit(driver.Intent(key: "a")).Call).ToList();

        End(driver, end);

        calls.ShouldAllBe(call => ((Rejected)driver.ReplyTo(call)!).Reason == end);
        driver.Complete(running.Call);
        driver.Decider.Calls.ShouldBe(0);
    }

    [Fact]
    public void Connection_that_is_being_opened_by_the_old_definition_is_opened_anew_for_those_that_wait()
    {
        var driver = new DeciderDriver();
        var slot = SlotKey.ForPrincipal("p");
        var calls = new[] { driver.Admit().Call, driver.Admit(driver.Intent(slot: slot)).Call };
        var old = driver.Connects.Select(connect => connect.Id).ToList();

        driver.Reconfigure(driver.Settings with { ConnectionFingerprint = "rotated" });

        driver.Closed.ShouldBe(old, ignoreOrder: true);
        driver.Connects.Skip(2).Select(connect => connect.Slot).ShouldBe([SlotKey.Shared, slot], ignoreOrder: true);
        old.ForEach(id => driver.Connect(id: id));
        driver.Closed.ShouldBe([.. old, .. old], ignoreOrder: true, "what was opened all the same is closed when it is there");
        driver.Replies.ShouldBeEmpty();

        foreach (var connect in driver.Connects.Skip(2).ToList())
        {
            driver.Connect(id: connect.Id);
        }

        calls.ShouldAllBe(call => !old.Contains(((Admitted)driver.ReplyTo(call)!).Connection));
        driver.Decider.Status(driver.Now).Circuit.Window.Failures.ShouldBe(0);
    }

    [Fact]
    public void Eager_process_that_is_being_started_by_the_old_definition_is_started_anew()
    {
        var driver = Starting();
        driver.Reconfigure(driver.Settings with { ConnectionFingerprint = "rotated" });
        driver.Closed.ShouldBe([driver.Connects[0].Id]);
        driver.Connects.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(RejectReason.Disabled)]
    [InlineData(RejectReason.Unknown)]
    public void Process_that_is_being_started_ends_with_its_server(RejectReason end)
    {
        var driver = Starting();
        var starting = driver.Connects.ShouldHaveSingleItem().Id;

        End(driver, end);

        driver.Closed.ShouldBe([starting]);
        driver.Connect(id: starting);
        driver.Closed.ShouldBe([starting, starting]);
        driver.Pass(TimeSpan.FromMinutes(1));
        driver.Connects.Count.ShouldBe(1);
        driver.Decider.IsIdle.ShouldBeTrue();
    }

    [Theory]
    [InlineData(RejectReason.Disabled)]
    [InlineData(RejectReason.Unknown)]
    public void Nothing_is_opened_for_calls_of_a_server_that_has_ended(RejectReason end)
    {
        var driver = new DeciderDriver(new ServerSettings
        {
            Server = DeciderDriver.Server,
            Replicas = [new ReplicaSettings("http://a/", 1), new ReplicaSettings("http://b/", 1)],
        });
        var running = driver.Run(driver.Intent(McpMethod.ResourcesRead)).Call;
        driver.Lose(driver.Connects[0].Id);
        var waiting = driver.Admit().Call;
        driver.ReplyTo(waiting).ShouldBeNull();
        var connects = driver.Connects.Count;

        End(driver, end);
        driver.Fail(running, AttemptResult.ServerError);
        driver.Pass(TimeSpan.FromSeconds(10));

        driver.ReplyTo(waiting).ShouldBeOfType<Rejected>().Reason.ShouldBe(end);
        driver.ReplyTo(running).ShouldBeOfType<GaveUp>().Reason.ShouldBe(GiveUpReason.Stopped);
        driver.Connects.Count.ShouldBe(connects);
        driver.Decider.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void Probe_of_the_old_definition_is_followed_by_one_of_the_new()
    {
        var driver = new DeciderDriver();
        driver.Settings.Retry.Attempts.ShouldBeGreaterThan(1);
        for (var i = 0; i < 6 && driver.Decider.State.Circuit.Phase == CircuitPhase.Closed; i++)
        {
            driver.Admit();
            driver.ConnectFails();
            driver.Pass(TimeSpan.FromMilliseconds(500));
        }

        driver.Decider.State.Circuit.OpenedByLostTransport.ShouldBeTrue();
        var before = driver.Connects.Count;
        driver.Pass(TimeSpan.FromSeconds(1));
        driver.Connects.Count.ShouldBe(before + 1);
        var probe = driver.Connects[^1].Id;

        driver.Reconfigure(driver.Settings with { ConnectionFingerprint = "rotated" });
        driver.Closed.ShouldContain(probe);
        driver.Connect(id: probe);
        driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Open, "it proves nothing of the new definition");
        driver.Pass(TimeSpan.FromSeconds(2.5));
        driver.Connects.Count.ShouldBe(before + 2);
    }

    private static DeciderDriver Starting()
    {
        var driver = new DeciderDriver(new ServerSettings { Server = DeciderDriver.Server, IsProcess = true, Eager = true });
        driver.Connects.Count.ShouldBe(1);
        return driver;
    }

    private static void End(DeciderDriver driver, RejectReason end)
    {
        switch (end)
        {
            case RejectReason.Draining:
                driver.Decider.Drain(driver.Now);
                driver.Flush();
                break;
            case RejectReason.Disabled:
                driver.Reconfigure(driver.Settings with { Enabled = false });
                break;
            default:
                driver.Reconfigure(ServerSettings.Missing(DeciderDriver.Server));
                break;
        }
    }
}
