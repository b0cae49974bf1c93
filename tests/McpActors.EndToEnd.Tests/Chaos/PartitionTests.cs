using System.Diagnostics;
using McpActors.Testing;
using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>Nodes are cut off from each other, in network namespaces, while clients and store reach all of them.</summary>
[Collection(Alone.Name)]
public sealed class PartitionTests(PostgresServer server, ITestOutputHelper output) : IClassFixture<PostgresServer>
{
    [SkippableFact]
    public async Task A_minority_refuses_calls_ends_and_comes_back_as_a_fresh_node()
    {
        // The first seed and oldest member: it has the singletons, and alone it would be the one that may form a cluster.
        const int minority = 0;
        await using var network = await NodeNetwork.CreateAsync(3);
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings { Rate = 50, Network = network, Postgres = await ChaosCluster.CreateDatabaseAsync(server) });
        await ChaosCluster.CalmAsync(3);

        cluster.History.Disturbed($"node {minority} is cut off");
        var cut = Stopwatch.StartNew();
        foreach (var other in Enumerable.Range(0, 3).Where(node => node != minority))
            await network.PartAsync(minority, other);
        var refused = await UntilRefusesAsync(cluster.Nodes[minority]);
        output.WriteLine($"the minority refuses after {refused.TotalSeconds:0.0} s");
        var exit = await cluster.Nodes[minority].EndAfterAsync(0, TimeSpan.FromMinutes(4));
        output.WriteLine($"it ended with {exit.Code} after {(cut.Elapsed - Stopwatch.GetElapsedTime(exit.At)).TotalSeconds:0.0} s");
        exit.Code.ShouldBe(1, "a supervisor that restarts what failed is to bring it back");
        // Its supervisor starts it while it is still alone: it must not become a cluster of its own.
        await ChaosCluster.CalmAsync(15);
        (await cluster.Nodes[minority].IsReadyAsync()).ShouldBeFalse(cluster.Nodes[minority].Tail());

        await network.HealAsync();
        var whole = await cluster.UntilWholeAsync();
        output.WriteLine($"one cluster {whole.TotalSeconds:0.0} s after healing");
        await ChaosCluster.CalmAsync(3);
        var verdict = await cluster.JudgeAsync();
        output.WriteLine(verdict.ToString());
        verdict.Violations.ShouldBeEmpty();
    }

    /// <summary>Every call from now on is refused with 503, until the node is gone.</summary>
    private static async Task<TimeSpan> UntilRefusesAsync(SupervisedNode node) => await node.UntilAsync(
        async () => node.Exits.Count > 0 || !await node.IsReadyAsync(),
        "refusing calls",
        TimeSpan.FromMinutes(2));
}
