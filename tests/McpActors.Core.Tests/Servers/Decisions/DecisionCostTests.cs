using System.Diagnostics;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using Xunit.Abstractions;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Decisions;

/// <summary>What a plain call costs the actor that decides about it.</summary>
public sealed class DecisionCostTests(ITestOutputHelper output)
{
    private const int Calls = 100_000;

    [Fact]
    public void Admission_and_end_of_a_call_allocate_the_answer_and_nothing_else()
    {
        var driver = new DeciderDriver();
        driver.Complete(driver.Run().Call);
        var intent = driver.Intent();
        var decider = driver.Decider;
        var admits = Enumerable.Range(0, Calls).Select(i => new Admit(DeciderDriver.Server, new CallId(1_000_000 + i), intent)).ToArray();
        var ends = admits.Select(admit => new Complete(DeciderDriver.Server, admit.Call, DeciderDriver.Outcome(AttemptResult.Success))).ToArray();
        Run(decider, admits, ends, 0, Calls / 2, driver.Now);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        Run(decider, admits, ends, Calls / 2, Calls, driver.Now);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Calls / 2);
        output.WriteLine($"{bytes:0.0} B and {watch.Elapsed.TotalNanoseconds / (Calls / 2):0} ns per call");

        // One Admitted of 72 bytes; the rest is room for a timer's worth of noise.
        bytes.ShouldBeLessThan(80);
        decider.Effects.ShouldBeEmpty();
    }

    private static void Run(ServerDecider decider, Admit[] admits, Complete[] ends, int from, int to, DateTimeOffset now)
    {
        for (var i = from; i < to; i++)
        {
            decider.Admit(admits[i], now).ShouldNotBeNull();
            _ = decider.NextTick;
            decider.Complete(ends[i], 0.5, now);
            _ = decider.NextTick;
        }
    }
}
