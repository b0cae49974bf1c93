using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;
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
