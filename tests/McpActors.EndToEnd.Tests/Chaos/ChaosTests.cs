using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// Nodes are halted and stopped under load, and the history of all calls is judged: what the short form has no time for. Run only when asked for (see README.md).
/// </summary>
[Collection(Alone.Name)]
public sealed class ChaosTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task A_pause_of_20_s_ends_in_a_fresh_node()
    {
        ChaosRuns.Require();
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings());
        cluster.History.Disturbed("SIGSTOP of node 1 for 20 s");
        cluster.Nodes[1].Halt();
        await ChaosCluster.CalmAsync(20);
        cluster.Nodes[1].Continue();
        var woken = cluster.History.Now;
        var exit = await cluster.Nodes[1].EndAfterAsync(0, TimeSpan.FromMinutes(4));
        output.WriteLine($"woken, it ended within {(cluster.History.On(exit.At) - woken).TotalSeconds:0.0} s");
        await cluster.UntilWholeAsync();

        (await JudgedAsync(cluster)).Violations.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task An_open_breaker_is_still_open_after_a_full_stop_of_the_cluster()
    {
        ChaosRuns.Require();
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings { Rate = 0 });
        var open = await ChaosCluster.OpenUntilAsync(cluster.Nodes[0]);
        var before = await EventWatch.ReadAsync(cluster.Nodes[1]);

        foreach (var node in cluster.Nodes)
            node.Hold();
        await Task.WhenAll(cluster.Nodes.Select(node => node.StopAsync()));
        foreach (var node in cluster.Nodes)
            node.Release();
        await cluster.UntilWholeAsync();

        await cluster.UntilStillOpenAsync(open);
        (await EventWatch.ReadAsync(cluster.Nodes[2])).ShouldBe(before);
    }

    private async Task<Verdict> JudgedAsync(ChaosCluster cluster)
    {
        var verdict = await cluster.JudgeAsync();
        output.WriteLine(verdict.ToString());
        return verdict;
    }
}
