using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// Nodes are killed, halted and restarted under load, and the history of all calls is judged. The short forms; README.md says how the long ones are run. Times are
/// printed and not judged, but for what must never take so long: a machine that does other things too is no measure.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task Killed_nodes_run_nothing_twice_and_lose_nothing_acknowledged()
    {
        ChaosRuns.Require();
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

    [SkippableFact]
    public async Task A_rolling_restart_of_all_nodes_fails_no_call()
    {
        ChaosRuns.Require();
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings());
        var open = await ChaosCluster.OpenUntilAsync(cluster.Nodes[0]);
        await ChaosCluster.CalmAsync(3);

        for (var node = 0; node < cluster.Nodes.Count; node++)
        {
            cluster.History.Disturbed($"restart of node {node}");
            var exit = await cluster.Nodes[node].StopAsync();
            output.WriteLine($"node {node} left within {(cluster.History.On(exit.At) - cluster.History.Disturbances[^1].At).TotalSeconds:0.0} s");
            exit.Code.ShouldBe(0, cluster.Nodes[node].Tail());
            await cluster.UntilWholeAsync();
        }

        await ChaosCluster.CalmAsync(3);
        var verdict = await JudgedAsync(cluster);
        verdict.Violations.ShouldBeEmpty();
        verdict.Failed.ShouldBeEmpty();
        foreach (var node in cluster.Nodes)
            (await ChaosCluster.OpenUntilAsync(node)).ShouldBe(open);
    }

    [SkippableFact]
    public async Task A_pause_of_3_s_changes_no_membership_and_one_of_20_s_ends_in_a_fresh_node()
    {
        ChaosRuns.Require();
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings());
        var members = await MembersAsync(cluster.Nodes[0]);

        cluster.History.Disturbed("SIGSTOP of node 1 for 3 s");
        cluster.Nodes[1].Halt();
        await ChaosCluster.CalmAsync(3);
        cluster.Nodes[1].Continue();
        await ChaosCluster.CalmAsync(10);
        (await MembersAsync(cluster.Nodes[0])).ShouldBe(members);
        cluster.Nodes[1].Exits.ShouldBeEmpty();

        cluster.History.Disturbed("SIGSTOP of node 1 for 20 s");
        cluster.Nodes[1].Halt();
        await ChaosCluster.CalmAsync(20);
        cluster.Nodes[1].Continue();
        var woken = cluster.History.Now;
        var exit = await cluster.Nodes[1].EndAfterAsync(0, TimeSpan.FromSeconds(90));
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

        foreach (var node in cluster.Nodes)
            (await ChaosCluster.OpenUntilAsync(node)).ShouldBe(open);
        (await EventWatch.ReadAsync(cluster.Nodes[2])).ShouldBe(before);
    }

    private static async Task<string> MembersAsync(SupervisedNode node) => (await node.At.StateAsync("/cluster/members"))["members"]!.ToJsonString();

    private async Task<Verdict> JudgedAsync(ChaosCluster cluster)
    {
        var verdict = await cluster.JudgeAsync();
        output.WriteLine(verdict.ToString());
        return verdict;
    }
}
