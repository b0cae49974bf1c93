using System.Net;
using McpActors.Cluster.Persistence;
using McpActors.Core.Configuration;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Reliability;

/// <summary>A gateway whose state is kept in PostgreSQL.</summary>
public sealed class PostgresTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task An_open_breaker_is_still_open_after_kill_9()
    {
        await using var mock = await MockMcpServer.StartAsync();
        mock.Behaviour.Add(Fault.RpcError(-32603).OnTool("counter"));
        await using var gateway = await StartAsync($"servers: {{ mock: {{ url: \"{mock.Url}\", circuit: {{ consecutiveFailures: 3, openFor: 10m, maxOpenFor: 20m }} }} }}");
        using var caller = new GatewayHttp(gateway);
        for (var i = 0; i < 3; i++)
            await caller.CallAsync("mock", "counter");
        (await caller.CallAsync("mock", "echo")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var before = (await caller.StateAsync("/api/v1/servers/mock"))["circuit"]!;
        await gateway.WaitUntilAsync(() => OpenedAsync(caller), "recorded", Limit);

        await gateway.KillAsync();
        await gateway.StartAsync();

        (await caller.CallAsync("mock", "echo")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var after = (await caller.StateAsync("/api/v1/servers/mock"))["circuit"]!;
        ((string?)after["state"]).ShouldBe("open");
        ((string?)after["until"]).ShouldBe((string?)before["until"]);
        (await OpenedAsync(caller)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Calls_go_on_while_the_server_is_down_and_what_happened_is_written_when_it_returns()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var gateway = await StartAsync($"servers: {{ mock: {{ url: \"{mock.Url}\", circuit: {{ consecutiveFailures: 2, openFor: 10m, maxOpenFor: 20m }} }} }}");
        using var caller = new GatewayHttp(gateway);
        (await caller.CallAsync("mock", "echo", new { message = "before" })).Status.ShouldBe(HttpStatusCode.OK);

        await server.StopAsync();
        try
        {
            (await caller.CallAsync("mock", "echo", new { message = "during" })).Status.ShouldBe(HttpStatusCode.OK);
            mock.Behaviour.Add(Fault.RpcError(-32603).OnTool("counter"));
            await caller.CallAsync("mock", "counter");
            await caller.CallAsync("mock", "counter");
            (await caller.CallAsync("mock", "echo")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await gateway.WaitUntilAsync(async () => (string?)(await caller.StateAsync("/ready"))["status"] == "degraded", "degraded", Limit);
        }
        finally
        {
            await server.StartAsync();
        }

        await gateway.WaitUntilAsync(async () => (string?)(await caller.StateAsync("/ready"))["status"] == "ok", "well again", Limit);
        await gateway.WaitUntilAsync(() => OpenedAsync(caller), "recorded behind", Limit);
    }

    [SkippableFact]
    public async Task A_node_whose_tables_are_missing_says_what_to_run_and_does_not_start()
    {
        var database = await server.CreateDatabaseAsync();
        await using var gateway = await GatewayProcess.StartAsync("servers: {}", Options(database) with { WaitUntilReady = false });

        (await gateway.ExitAsync()).ShouldBe(1);

        gateway.Output.ShouldContain("mcpactors migrate");
        (await MigrateAsync(gateway)).ShouldContain("applied V001 journal_probe");
        (await MigrateAsync(gateway)).ShouldContain("there was nothing to do");
    }

    private static GatewayProcessOptions Options(string database) => new()
    {
        Persistence = $$"""{ provider: postgres, connection: "{{database}}" }""",
    };

    private async Task<GatewayProcess> StartAsync(string yaml)
    {
        var database = await server.CreateDatabaseAsync();
        await StoreSchema.ApplyAsync(new PersistenceOptions { Provider = PersistenceProvider.Postgres, Connection = database }, TimeProvider.System, CancellationToken.None);
        return await GatewayProcess.StartAsync(yaml, Options(database));
    }

    private static async Task<string> MigrateAsync(GatewayProcess gateway)
    {
        var result = await ProgramRun.RunAsync(GatewayProcess.Program, ["migrate", "--config", gateway.ConfigurationFile], gateway.Folder, Limit);
        result.ExitCode.ShouldBe(0, result.ToString());
        return result.Output;
    }

    private static async Task<bool> OpenedAsync(GatewayHttp caller) =>
        (await caller.StateAsync("/api/v1/servers/mock/events"))["events"]!.AsArray().Any(e => (string?)e!["event"] == "circuitOpened");
}
