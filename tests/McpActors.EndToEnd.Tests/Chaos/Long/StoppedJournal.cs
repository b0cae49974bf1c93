using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Chaos.Long;

/// <summary>C7: PostgreSQL is stopped for 12 or 30 s by turns; an event that happens meanwhile is stored afterwards. No call fails for it.</summary>
internal sealed class StoppedJournal(PostgresServer server) : Nemesis
{
    private static readonly int[] s_seconds = [12, 30];

    public override bool MayFailCalls => false;

    public override async Task StrikeAsync(ChaosCluster cluster, Strike strike, Random random)
    {
        var node = cluster.Nodes[0];
        var seconds = s_seconds[(strike.Number - 1) % s_seconds.Length];
        // It opened in the round before.
        await node.At.OperateAsync(HttpMethod.Post, $"/api/v1/servers/{ChaosServers.Trips}/circuit/reset");
        var opened = await OpeningsAsync(node);
        strike.Begin($"PostgreSQL stopped for {seconds} s");
        await server.StopAsync();
        try
        {
            strike.Took("known as degraded", await node.UntilAsync(async () => await StatusAsync(node) == "degraded", "degraded", Limit));
            // Two failures open its breaker.
            await node.At.CallAsync(ChaosServers.Trips, "counter");
            await node.At.CallAsync(ChaosServers.Trips, "counter");
            if ((string?)(await node.At.StateAsync($"/api/v1/servers/{ChaosServers.Trips}"))["circuit"]!["state"] is var state and not "open")
                strike.Breach($"a breaker is {state} and not open while the journal is down");
            await ChaosCluster.CalmAsync(seconds);
        }
        finally
        {
            await server.StartAsync();
        }

        var back = cluster.History.Now;
        await node.UntilAsync(async () => await OpeningsAsync(node) > opened, "writing what happened", Limit);
        strike.Took("written after its return", cluster.History.Now - back);
        foreach (var other in cluster.Nodes)
            await other.UntilAsync(async () => await StatusAsync(other) == "ok", "well again", Limit);
        strike.Took("all nodes well after its return", cluster.History.Now - back);
    }

    private static async Task<int> OpeningsAsync(SupervisedNode node) => (await EventWatch.ReadAsync(node))
        .Count(seen => seen.Server == ChaosServers.Trips && seen.Text.Contains("circuitOpened", StringComparison.Ordinal));

    private static async Task<string?> StatusAsync(SupervisedNode node) => (string?)(await node.At.StateAsync("/ready"))["status"];
}
