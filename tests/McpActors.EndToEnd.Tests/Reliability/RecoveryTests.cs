using System.Net;
using McpActors.MockServer;
using McpActors.Testing;
using Microsoft.Data.Sqlite;

namespace McpActors.EndToEnd.Tests.Reliability;

/// <summary>What a killed node remembers, and what a node does while it cannot remember.</summary>
public sealed class RecoveryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task An_open_breaker_is_still_open_after_kill_9_and_its_history_says_why()
    {
        await using var mock = await MockMcpServer.StartAsync();
        mock.Behaviour.Add(Fault.RpcError(-32603).OnTool("counter"));
        await using var gateway = await GatewayProcess.StartAsync($"servers: {{ mock: {{ url: \"{mock.Url}\", circuit: {{ consecutiveFailures: 3, openFor: 10m, maxOpenFor: 20m }} }} }}");
        using var caller = new GatewayHttp(gateway);
        for (var i = 0; i < 3; i++)
            await caller.CallAsync("mock", "counter");
        (await caller.CallAsync("mock", "echo")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var before = (await caller.StateAsync("/api/v1/servers/mock"))["circuit"]!;
        await gateway.WaitUntilAsync(async () => (await caller.StateAsync("/api/v1/servers/mock/events"))["events"]!.AsArray().Any(e => (string?)e!["event"] == "circuitOpened"), "recorded", Limit);
        var reached = mock.Ledger.CountOf("tools/call");

        await gateway.KillAsync();
        await gateway.StartAsync();

        var (status, problem) = await caller.CallAsync("mock", "echo");
        status.ShouldBe(HttpStatusCode.ServiceUnavailable, problem?.ToJsonString());
        mock.Ledger.CountOf("tools/call").ShouldBe(reached);
        var after = (await caller.StateAsync("/api/v1/servers/mock"))["circuit"]!;
        ((string?)after["state"]).ShouldBe("open");
        ((string?)after["until"]).ShouldBe((string?)before["until"]);
        (await caller.StateAsync("/api/v1/servers/mock/events"))["events"]!.AsArray().ShouldContain(e => (string?)e!["event"] == "circuitOpened");
    }

    [Fact]
    public async Task A_client_session_outlives_kill_9_of_the_node()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        await using var gateway = await GatewayProcess.StartAsync($"servers: {{ mock: {{ url: \"{mock.Url}\" }} }}");
        using var caller = new GatewayHttp(gateway);
        var session = await caller.OpenSessionAsync("mock");
        (await caller.RequestAsync("mock", session, "tools/call", """{"name":"echo","arguments":{"message":"one"}}""")).Status.ShouldBe(HttpStatusCode.OK);

        await gateway.KillAsync();
        await gateway.StartAsync();

        // 503 says "try again" while the journal is still being read; 404 would end the session, and never comes.
        var (status, message) = (HttpStatusCode.ServiceUnavailable, (System.Text.Json.Nodes.JsonNode?)null);
        await gateway.WaitUntilAsync(
            async () =>
            {
                (status, message) = await caller.RequestAsync("mock", session, "tools/call", """{"name":"echo","arguments":{"message":"two"}}""");
                return status != HttpStatusCode.ServiceUnavailable;
            },
            "reading its sessions",
            Limit);
        status.ShouldBe(HttpStatusCode.OK);
        ((string?)message!["result"]?["content"]?[0]?["text"]).ShouldBe("two", message.ToJsonString());
    }

    [Fact]
    public async Task An_operators_forced_circuit_outlives_kill_9()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync($"servers: {{ mock: {{ url: \"{mock.Url}\" }} }}");
        using var caller = new GatewayHttp(gateway);
        var (stored, _) = await caller.OperateAsync(HttpMethod.Put, "/api/v1/servers/mock/circuit", new { mode = "forcedOpen", reason = "maintenance", ttl = "30m" });
        stored.ShouldBe(HttpStatusCode.OK);

        await gateway.KillAsync();
        await gateway.StartAsync();

        (await caller.CallAsync("mock", "echo")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var circuit = (await caller.StateAsync("/api/v1/servers/mock"))["circuit"]!;
        ((string?)circuit["mode"]).ShouldBe("forcedOpen");
        circuit["reason"]!.ToString().ShouldContain("maintenance");
    }

    [Fact]
    public async Task A_cached_result_outlives_kill_9_and_is_answered_without_touching_the_server()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            $"servers: {{ mock: {{ url: \"{mock.Url}\", cache: {{ persist: all }}, tools: {{ echo: {{ effect: readOnly, cache: {{ ttl: 10m }} }} }} }} }}");
        using var caller = new GatewayHttp(gateway);
        var (_, first) = await caller.CallAsync("mock", "echo", new { message = "one" });
        await gateway.WaitUntilAsync(() => StoredResultsAsync(gateway), "storing the result", Limit);
        var reached = mock.Ledger.CountOf("tools/call");

        await gateway.KillAsync();
        await gateway.StartAsync();

        var (status, again) = await caller.CallAsync("mock", "echo", new { message = "one" });
        status.ShouldBe(HttpStatusCode.OK);
        again!.ToJsonString().ShouldBe(first!.ToJsonString());
        mock.Ledger.CountOf("tools/call").ShouldBe(reached);
        (await caller.CallAsync("mock", "echo", new { message = "two" })).Status.ShouldBe(HttpStatusCode.OK);
        mock.Ledger.CountOf("tools/call").ShouldBe(reached + 1);

        (await caller.OperateAsync(HttpMethod.Post, "/api/v1/servers/mock/cache/clear")).Status.ShouldBe(HttpStatusCode.OK);
        await gateway.KillAsync();
        await gateway.StartAsync();
        await caller.CallAsync("mock", "echo", new { message = "one" });
        mock.Ledger.CountOf("tools/call").ShouldBe(reached + 2, "what was cleared does not come back");
    }

    [Fact]
    public async Task Calls_go_on_while_the_journal_is_locked_and_readiness_says_degraded()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync($"servers: {{ mock: {{ url: \"{mock.Url}\", circuit: {{ consecutiveFailures: 2, openFor: 10m, maxOpenFor: 20m }} }} }}");
        using var caller = new GatewayHttp(gateway);
        (await caller.CallAsync("mock", "echo", new { message = "before" })).Status.ShouldBe(HttpStatusCode.OK);

        await using (var locker = new SqliteConnection($"Data Source={gateway.Database};Pooling=False"))
        {
            await locker.OpenAsync();
            await using var exclusive = locker.CreateCommand();
            exclusive.CommandText = "BEGIN EXCLUSIVE";
            await exclusive.ExecuteNonQueryAsync();

            (await caller.CallAsync("mock", "echo", new { message = "during" })).Status.ShouldBe(HttpStatusCode.OK);
            mock.Behaviour.Add(Fault.RpcError(-32603).OnTool("counter"));
            await caller.CallAsync("mock", "counter");
            await caller.CallAsync("mock", "counter");
            (await caller.CallAsync("mock", "echo")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await gateway.WaitUntilAsync(async () => (string?)(await caller.StateAsync("/ready"))["status"] == "degraded", "degraded", Limit);
        }

        await gateway.WaitUntilAsync(async () => (string?)(await caller.StateAsync("/ready"))["status"] == "ok", "well again", Limit);
        await gateway.WaitUntilAsync(
            async () => (await caller.StateAsync("/api/v1/servers/mock/events"))["events"]!.AsArray().Any(e => (string?)e!["event"] == "circuitOpened"), "recorded behind", Limit);
    }

    private static async Task<bool> StoredResultsAsync(GatewayProcess gateway)
    {
        await using var connection = new SqliteConnection($"Data Source={gateway.Database};Pooling=False");
        await connection.OpenAsync();
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM cache_entries";
        return await count.ExecuteScalarAsync() is > 0L;
    }
}
