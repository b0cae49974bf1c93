using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace McpActors.Core.Tests.Servers.Lease.Simulation;

/// <summary>
/// Seeded schedules of crashes, restarts, pauses, partitions, lost, late, repeated and reordered messages, wrong clocks and moving owners.
/// <c>LEASE_SIM_SCHEDULES</c> sets how many (10,000), <c>LEASE_SIM_FIRST</c> the first seed (1); <c>LEASE_SIM_SEED</c> replays one with its trace.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Schedules = 10_000;

    [Fact]
    public void No_schedule_breaks_an_invariant()
    {
        if (Setting("LEASE_SIM_SEED") is { } replay)
        {
            Fail(replay, Sabotage.None).ShouldBeNull();
            return;
        }

        var first = Setting("LEASE_SIM_FIRST") ?? 1;
        var count = Setting("LEASE_SIM_SCHEDULES") ?? Schedules;
        var started = Stopwatch.GetTimestamp();
        for (var seed = first; seed < first + count; seed++)
        {
            if (Violation(seed, Sabotage.None) is not null)
            {
                Assert.Fail(Fail(seed, Sabotage.None) ?? $"seed {seed} failed once and not again: the simulation is not deterministic");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} schedules in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"));
    }

    [Theory]
    [InlineData(20736, "the owner's own calls took every permit, and none came to the nodes")]
    [InlineData(60769, "what a holder said before it was given up entitled it to permits that others had by then")]
    [InlineData(110822, "calls that had outlived a lease counted as permits of the next one")]
    [InlineData(123637, "calls that had outlived a lease counted as permits of the next one")]
    public void Schedules_that_once_broke_hold(int seed, string by) => Fail(seed, Sabotage.None).ShouldBeNull(by);

    [Theory]
    [InlineData(Sabotage.IgnoreEpochs)]
    [InlineData(Sabotage.ForgetGrace)]
    [InlineData(Sabotage.ForgetTakeover)]
    [InlineData(Sabotage.TrustReductions)]
    [InlineData(Sabotage.CountAgain)]
    [InlineData(Sabotage.NeverExpire)]
    [InlineData(Sabotage.NeverReturn)]
    [InlineData(Sabotage.NoFence)]
    [InlineData(Sabotage.NoPush)]
    public void A_machine_that_is_broken_on_purpose_is_found(Sabotage sabotage)
    {
        var seed = Enumerable.Range(1, 3000).FirstOrDefault(seed => Violation(seed, sabotage) is not null);
        seed.ShouldNotBe(0, "the simulation does not see it");
        output.WriteLine($"{sabotage}: seed {seed}: {Violation(seed, sabotage)}");
    }

    [Fact]
    public void Owners_that_ask_what_is_out_do_hear_of_all() =>
        Enumerable.Range(0, 40).Sum(i => Traced(3 + (4 * i)).Count(line => line.Contains("has heard of all", StringComparison.Ordinal))).ShouldBeGreaterThan(20);

    [Fact]
    public void The_same_seed_is_the_same_schedule()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            Traced(seed).ShouldBe(Traced(seed));
        }
    }

    private static IReadOnlyList<string> Traced(int seed)
    {
        var simulation = new Simulation(seed, trace: true);
        simulation.Run();
        return simulation.Trace;
    }

    private static string? Violation(int seed, Sabotage sabotage)
    {
        try
        {
            new Simulation(seed, sabotage).Run();
            return null;
        }
        catch (SimViolation violation)
        {
            return violation.Message;
        }
    }

    private string? Fail(int seed, Sabotage sabotage)
    {
        var simulation = new Simulation(seed, sabotage, trace: true);
        try
        {
            simulation.Run();
            return null;
        }
        catch (SimViolation violation)
        {
            foreach (var line in simulation.Trace.TakeLast(400))
            {
                output.WriteLine(line);
            }

            return $"seed {seed}: {violation.Message} (replay with LEASE_SIM_SEED={seed})";
        }
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}
