using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Retry;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

public sealed class HealingTests
{
    private static readonly ServerSettings Process = new() { Server = DeciderDriver.Server, IsProcess = true };

    [Fact]
    public void Lost_session_heals_once_for_a_hundred_callers()
    {
        var driver = new DeciderDriver(new ServerSettings { Server = DeciderDriver.Server, Concurrency = new() { Max = 200 } });
        var calls = Enumerable.Range(0, 100).Select(_ => driver.Run().Call).ToList();
        calls.ForEach(call => driver.Fail(call, AttemptResult.SessionLost).ShouldBeNull());
        driver.Connects.Count.ShouldBe(2);

        var connection = driver.Connect();
        calls.ForEach(call => driver.ReplyTo(call).ShouldBeOfType<Admitted>().Connection.ShouldBe(connection));
        driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Closed);
        driver.Decider.Status(driver.Now).Healing.SessionsReinitialised.ShouldBe(1);
    }

    [Fact]
    public void Session_loss_of_a_replaced_connection_uses_the_new_one_at_once()
    {
        var driver = new DeciderDriver();
        var early = driver.Run();
        var late = driver.Run();
        driver.Fail(early.Call, AttemptResult.SessionLost);
        var fresh = driver.Connect();
        driver.Fail(late.Call, AttemptResult.SessionLost, late.Reply.Connection).ShouldBeOfType<Admitted>().Connection.ShouldBe(fresh);
        driver.Connects.Count.ShouldBe(2);
    }

    [Fact]
    public void Dead_process_is_one_failure_however_many_calls_it_took_along()
    {
        var driver = new DeciderDriver(Process);
        var calls = Enumerable.Range(0, 20).Select(_ => driver.Run().Call).ToList();
        calls.ForEach(call => driver.Fail(call, AttemptResult.ProcessLost).ShouldBeOfType<GaveUp>().Reason.ShouldBe(GiveUpReason.NotRepeatable));
        driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Closed);
        driver.Decider.Status(driver.Now).Circuit.ConsecutiveFailures.ShouldBe(1);

        driver.Admit().Reply.ShouldBeNull();
        driver.Connects.Count.ShouldBe(2);
        driver.Connect();
        driver.Decider.Status(driver.Now).Healing.ProcessesRespawned.ShouldBe(1);
    }

    [Fact]
    public void Process_that_is_busy_is_not_asked_for_a_sign_of_life()
    {
        var driver = new DeciderDriver(Process);
        var call = driver.Run();

        driver.Decider.Probe(driver.Now).ShouldBe(new ProbeStep(null, "it is busy with calls"));

        driver.Complete(call.Call);
        driver.Decider.Probe(driver.Now).Connection.ShouldBe(call.Reply.Connection);
    }

    [Fact]
    public void Call_that_never_left_is_sent_to_the_new_process()
    {
        var driver = new DeciderDriver(Process);
        var call = driver.Run();
        driver.Fail(call.Call, AttemptResult.ProcessLost, sent: false).ShouldBeNull();
        var fresh = driver.Connect();
        driver.ReplyTo(call.Call).ShouldBeOfType<Admitted>().Connection.ShouldBe(fresh);
    }

    [Fact]
    public void Write_tool_that_may_have_run_is_never_sent_again()
    {
        var driver = new DeciderDriver();
        driver.Fail(driver.Run().Call, AttemptResult.Reset).ShouldBeOfType<GaveUp>().Reason.ShouldBe(GiveUpReason.NotRepeatable);
        driver.Decider.Calls.ShouldBe(0);
    }

    [Fact]
    public void Safe_call_is_retried_after_its_back_off_and_keeps_its_permit()
    {
        var driver = new DeciderDriver();
        var call = driver.Run(driver.Intent(McpMethod.PromptsGet));
        driver.Fail(call.Call, AttemptResult.ServerError).ShouldBeNull();
        driver.Decider.InFlight.ShouldBe(1);
        driver.Pass(TimeSpan.FromSeconds(1));
        driver.ReplyTo(call.Call).ShouldBeOfType<Admitted>().Attempt.ShouldBe(2);
        driver.Complete(call.Call);
        driver.Decider.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Five_crashes_within_a_minute_open_the_circuit()
    {
        var driver = new DeciderDriver(Process with { Eager = true });
        for (var crash = 0; crash < 5; crash++)
        {
            driver.Lose(driver.Connect());
            driver.Pass(TimeSpan.FromSeconds(crash < 4 ? 9 : 0));
        }

        driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.Open);
        driver.Events.OfType<CircuitChanged>().Last().Change.ShouldBeOfType<CircuitEvent.Opened>().Cause.ShouldBe(CircuitCause.CrashLoop);
    }

    [Fact]
    public void Waiting_calls_survive_a_start_that_fails_once()
    {
        var driver = new DeciderDriver(Process);
        var call = driver.Admit();
        driver.ConnectFails();
        driver.ReplyTo(call.Call).ShouldBeNull();
        driver.Pass(TimeSpan.FromSeconds(2));
        driver.Connects.Count.ShouldBe(2);
        driver.Connect();
        driver.ReplyTo(call.Call).ShouldBeOfType<Admitted>();
    }

    [Fact]
    public void Server_that_cannot_be_started_is_unavailable_with_its_reason()
    {
        var driver = new DeciderDriver(Process with { Retry = new RetryOptions { Attempts = 1 } });
        var call = driver.Admit();
        driver.ConnectFails();
        driver.ReplyTo(call.Call).ShouldBeOfType<Rejected>().Text.ShouldContain("connection refused");
        var status = driver.Decider.Status(driver.Now);
        status.Condition.ShouldBe(ServerCondition.Unavailable);
        status.Reason.ShouldBe("connection refused");
    }

    [Fact]
    public void Circuit_opened_by_a_lost_transport_is_probed_and_half_opens_early()
    {
        var driver = new DeciderDriver(new ServerSettings { Server = DeciderDriver.Server, Retry = new RetryOptions { Attempts = 1 } });
        for (var i = 0; i < 2; i++)
        {
            driver.Admit();
            driver.ConnectFails();
            driver.Pass(TimeSpan.FromMilliseconds(500));
        }

        driver.Decider.State.Circuit.OpenedByLostTransport.ShouldBeTrue();
        var before = driver.Connects.Count;
        driver.Pass(TimeSpan.FromSeconds(1));
        driver.Connects.Count.ShouldBe(before + 1);
        var probe = driver.Connect();
        driver.Decider.State.Circuit.Phase.ShouldBe(CircuitPhase.HalfOpen);
        driver.Admit().Reply.ShouldBeOfType<Admitted>().Connection.ShouldBe(probe);
    }

    [Fact]
    public void Idle_connection_is_closed_and_the_next_call_opens_one_again()
    {
        var driver = new DeciderDriver();
        var run = driver.Run();
        driver.Complete(run.Call);
        driver.Pass(TimeSpan.FromMinutes(21));
        driver.Closed.ShouldBe([run.Reply.Connection]);
        driver.Decider.IsIdle.ShouldBeTrue();
        driver.Decider.Status(driver.Now).Condition.ShouldBe(ServerCondition.Idle);
        driver.Admit().Reply.ShouldBeNull();
        driver.Connects.Count.ShouldBe(2);
    }

    [Fact]
    public void Result_of_a_connect_nobody_wants_any_more_is_closed()
    {
        var driver = new DeciderDriver();
        driver.Admit();
        var stale = driver.Connects[^1].Id;
        driver.Order(new Restart(DeciderDriver.Server, "op"));
        driver.Connect(id: stale);
        driver.Closed.ShouldContain(stale);
    }
}
