using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// Nodes are killed, halted and restarted under load, and the history of all calls is judged. The short forms; README.md says how the long ones are run. Times are
/// printed and not judged, but for what must never take so long: a machine that does other things too is no measure.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Killed_nodes_run_nothing_twice_and_lose_nothing_acknowledged()
    {
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings());
        var open = await ChaosCluster.OpenUntilAsync(cluster.Nodes[0]);
        await ChaosCluster.CalmAsync(3);

        foreach (var victim in (int[])[1, 0, 2])
        {
            cluster.History.Disturbed($"kill -9 of node {victim}");
            await cluster.Nodes[victim].KillAsync();
            await cluster.UntilWholeAsync();
            await ChaosCluster.CalmAsync(5);
        }

        var verdict = await JudgedAsync(cluster);
        verdict.Violations.ShouldBeEmpty();
        foreach (var node in cluster.Nodes)
            (await ChaosCluster.OpenUntilAsync(node)).ShouldBe(open);
    }

    [Fact]
    public async Task An_open_breaker_is_still_open_after_a_full_stop_of_the_cluster()
    {
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings { Rate = 0 });
        var open = await ChaosCluster.OpenUntilAsync(cluster.Nodes[0]);
        var before = await EventWatch.ReadAsync(cluster.Nodes[1]);

        foreach (var node in cluster.Nodes)
            node.Hold();
        await Task.WhenAll(cluster.Nodes.Select(node => node.StopAsync()));
        foreach (var node in cluster.Nodes)
            node.Release();
        await cluster.UntilWholeAsync();

        foreach (var node in cluster.Nodes)
            (await ChaosCluster.OpenUntilAsync(node)).ShouldBe(open);
        (await EventWatch.ReadAsync(cluster.Nodes[2])).ShouldBe(before);
    }

    private async Task<Verdict> JudgedAsync(ChaosCluster cluster)
    {
        var verdict = await cluster.JudgeAsync();
        output.WriteLine(verdict.ToString());
        return verdict;
    }
}
