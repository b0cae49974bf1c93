using McpActors.Cluster.Persistence;
using McpActors.Core.Configuration;
using McpActors.Testing;
using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>The database of a cluster stops under load and comes back.</summary>
public sealed class JournalOutageTests(PostgresServer server, ITestOutputHelper output) : IClassFixture<PostgresServer>
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task A_stopped_journal_harms_no_call_and_gets_what_happened_meanwhile()
    {
        ChaosRuns.Require();
        var database = await server.CreateDatabaseAsync();
        await StoreSchema.ApplyAsync(new PersistenceOptions { Provider = PersistenceProvider.Postgres, Connection = database }, TimeProvider.System, CancellationToken.None);
        await using var cluster = await ChaosCluster.StartAsync(new ChaosSettings { Postgres = database });
        await ChaosCluster.CalmAsync(3);
        var node = cluster.Nodes[0];

        cluster.History.Disturbed("the journal stops");
        await server.StopAsync();
        try
        {
            await node.UntilAsync(async () => await StatusAsync(node) == "degraded", "degraded", s_limit);
            await node.At.CallAsync(ChaosServers.Trips, "counter");
            await node.At.CallAsync(ChaosServers.Trips, "counter");
            ((string?)(await node.At.StateAsync($"/api/v1/servers/{ChaosServers.Trips}"))["circuit"]!["state"]).ShouldBe("open");
            await ChaosCluster.CalmAsync(10);
        }
        finally
        {
            cluster.History.Disturbed("the journal returns");
            await server.StartAsync();
        }

        var written = await node.UntilAsync(async () => (await EventWatch.ReadAsync(node)).Any(IsOpening), "writing what happened", s_limit);
        output.WriteLine($"written {written.TotalSeconds:0.0} s after the journal's return");
        foreach (var other in cluster.Nodes)
        {
            var well = await other.UntilAsync(async () => await StatusAsync(other) == "ok", "well again", s_limit);
            output.WriteLine($"well again {well.TotalSeconds:0.0} s later");
        }

        await ChaosCluster.CalmAsync(3);
        var verdict = await cluster.JudgeAsync();
        output.WriteLine(verdict.ToString());
        verdict.Violations.ShouldBeEmpty();
        verdict.Failed.ShouldBeEmpty();
    }

    private static bool IsOpening(StoredEvent seen) => seen.Server == ChaosServers.Trips && seen.Text.Contains("circuitOpened", StringComparison.Ordinal);

    private static async Task<string?> StatusAsync(SupervisedNode node) => (string?)(await node.At.StateAsync("/ready"))["status"];
}
