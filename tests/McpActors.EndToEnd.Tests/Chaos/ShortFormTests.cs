using McpActors.EndToEnd.Tests.Chaos.Long;
using McpActors.Testing;
using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// What continuous integration runs of chaos, with <see cref="PartitionTests"/>: some minutes on two cores. Rules are judged, times are printed. What depends on times
/// (a pause of 3 s is no loss of a node, a restart fails no call) is judged where the machine itself kept its times.
/// </summary>
[Collection(Alone.Name)]
public sealed class ShortFormTests(PostgresServer server, ITestOutputHelper output) : IClassFixture<PostgresServer>
{
    [SkippableFact]
    public async Task A_pause_a_rolling_restart_a_stopped_journal_and_three_kills_break_no_rule()
    {
        await using var lag = new MachineLag();
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings { Rate = 50, Postgres = await ChaosCluster.CreateDatabaseAsync(server) });
        var open = await ChaosCluster.OpenUntilAsync(cluster.Nodes[0]);
        List<Strike> strikes = [];
        async Task StrikeAsync(Nemesis nemesis, int number)
        {
            var strike = new Strike(number, cluster.History);
            strikes.Add(strike);
            await nemesis.StrikeAsync(cluster, strike, new Random(number));
            output.WriteLine($"{strike.What}: {string.Join(", ", strike.Times.Select(time => $"{time.Key} {time.Value:0.0} s"))}");
            await ChaosCluster.CalmAsync(3);
        }

        await StrikeAsync(new Pauses(), 1);
        await StrikeAsync(new Restarts(), 1);
        await StrikeAsync(new StoppedJournal(server), 1);
        var (fine, kept) = (cluster.History.Now, lag.IsTolerable);
        for (var kill = 1; kill <= 3; kill++)
            await StrikeAsync(new Kills(), kill);

        var verdict = await cluster.JudgeAsync();
        output.WriteLine($"the machine was late by {lag.Worst.TotalSeconds:0.0} s at most\n{verdict}");
        verdict.Violations.ShouldBeEmpty();
        await cluster.UntilStillOpenAsync(open);
        if (!kept)
            return;
        strikes.SelectMany(strike => strike.Breaches).ShouldBeEmpty();
        verdict.Failed.Where(call => call.Start < fine).ShouldBeEmpty("nothing but the death of a node fails a call");
    }
}
