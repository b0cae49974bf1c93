using System.Net;
using System.Text.Json.Nodes;
using McpActors.Core.Configuration;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Deadlines;
using McpActors.MockServer;

namespace McpActors.Gateway.Tests.Front.Flows;

/// <summary>One node before one server that fails on command, under so many ids that each test has a circuit and a cache of its own.</summary>
public sealed class FailureFixture : IAsyncLifetime
{
    private const int Ids = 64;

    private int _next;

    internal MockMcpServer Modern { get; private set; } = null!;

    internal MockMcpServer Legacy { get; private set; } = null!;

    internal GatewayNode Gateway { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Modern = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728, Name = "modern" });
        Legacy = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Name = "legacy" });
        var tools = new Dictionary<string, ToolModel>
        {
            ["slow"] = new() { CallTimeout = TimeSpan.FromMilliseconds(300) },
            ["add"] = new() { Effect = ToolEffect.ReadOnly, CacheTtl = TimeSpan.FromMinutes(10) },
        };
        var narrow = GatewayNode.Server("narrow", Modern) with
        {
            Revision = "narrow",
            Concurrency = BulkheadOptions.Default with { Max = 1, Queue = 1, QueueTimeout = TimeSpan.FromMilliseconds(200) },
            Timeout = TimeoutOptions.Default with { Call = TimeSpan.FromSeconds(5) },
        };
        var many = Enumerable.Range(0, Ids).Select(i => GatewayNode.Server($"t{i}", Modern) with { Revision = $"t{i}", Tools = tools });
        Gateway = await GatewayNode.StartAsync(
            [.. many, narrow, GatewayNode.Server("legacy", Legacy)], limits: LimitOptions.Default with { Request = 64 * 1024 });
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Modern.DisposeAsync();
        await Legacy.DisposeAsync();
    }

    /// <summary>An id that no other test uses.</summary>
    internal string Take() => $"t{Interlocked.Increment(ref _next) - 1}";
}

/// <summary>What a client is told when the server fails, by the table of errors.</summary>
public sealed class FailureFlowTests : IClassFixture<FailureFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _server;
    private readonly MockMcpServer _modern;
    private readonly MockMcpServer _legacy;
    private readonly GatewayNode _gateway;

    public FailureFlowTests(FailureFixture fixture)
    {
        (_server, _modern, _legacy, _gateway) = (fixture.Take(), fixture.Modern, fixture.Legacy, fixture.Gateway);
        _modern.Behaviour.Clear();
        _modern.Ledger.Reset();
        _legacy.Ledger.Reset();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_write_that_met_a_5xx_is_not_repeated_and_its_outcome_is_unknown(int status)
    {
        _modern.Behaviour.Add(Fault.WithStatus(status).OnTool("counter").AfterExecuting().For(1));
        var error = (await Client().CallAsync("counter")).Error;
        ((int)error["code"]!).ShouldBe(1502);
        ((int)error["data"]!["status"]!).ShouldBe(status);
        ((string?)error["data"]!["outcome"]).ShouldBe("unknown");
        ((string?)error["data"]!["server"]).ShouldBe(_server);
        ((string?)error["data"]!["tool"]).ShouldBe("counter");
        _modern.Ledger.Executions("counter").ShouldBe(1);
    }

    [Fact]
    public async Task Rate_limits_of_the_server_are_told_with_their_time()
    {
        _modern.Behaviour.Add(Fault.WithStatus(429, retryAfter: "7").OnTool("counter"));
        var reply = await Client().CallAsync("counter");
        reply.Status.ShouldBe(HttpStatusCode.OK);
        ((int)reply.Error["code"]!).ShouldBe(1502);
        ((int)reply.Error["data"]!["status"]!).ShouldBe(429);
        ((int)reply.Error["data"]!["retryAfterMs"]!).ShouldBe(7000);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Refused_credentials_of_ours_are_never_the_callers_401(int status)
    {
        _modern.Behaviour.Add(Fault.WithStatus(status).OnTool("echo"));
        var reply = await Client().CallAsync("echo");
        reply.Status.ShouldBe(HttpStatusCode.OK);
        ((int)reply.Error["code"]!).ShouldBe(1502);
        ((int)reply.Error["data"]!["status"]!).ShouldBe(status);
    }

    [Theory]
    [InlineData(FaultKind.CutJson)]
    [InlineData(FaultKind.CutSse)]
    [InlineData(FaultKind.Malformed)]
    [InlineData(FaultKind.MismatchedId)]
    [InlineData(FaultKind.Disconnect)]
    public async Task Answers_that_cannot_be_used_are_1502_with_an_unknown_outcome(FaultKind kind)
    {
        _modern.Behaviour.Add(Fault.Of(kind).OnTool("counter").AfterExecuting().For(1));
        var error = (await Client().CallAsync("counter")).Error;
        ((int)error["code"]!).ShouldBe(1502);
        ((string?)error["data"]!["outcome"]).ShouldBe("unknown");
        ((string?)error["data"]!["what"]).ShouldNotBeNullOrEmpty();
        _modern.Ledger.Executions("counter").ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task A_deadline_that_passed_is_1504_with_phase_and_outcome()
    {
        // The first call also connects and learns the tools, which takes of its time.
        (await Client().CallAsync("echo")).Result.ShouldNotBeNull();

        var error = (await Client().CallAsync("slow", new JsonObject { ["ms"] = 60_000 })).Error;

        ((int)error["code"]!).ShouldBe(1504);
        ((string?)error["data"]!["phase"]).ShouldBe("upstream");
        ((string?)error["data"]!["outcome"]).ShouldBe("unknown");
        ((int)error["data"]!["elapsedMs"]!).ShouldBeInRange(250, 5_000);
        await _modern.Ledger.WaitUntilAsync(static ledger => ledger.Cancelled > 0, Patience);
    }

    [Fact]
    public async Task A_callers_shorter_deadline_wins()
    {
        (await Client().CallAsync("echo")).Result.ShouldNotBeNull();

        var error = (await Client().CallAsync(
            "progress", new JsonObject { ["n"] = 1, ["ms"] = 60_000 }, new JsonObject { ["io.mcpactors/timeoutMs"] = 1_000, ["io.mcpactors/other"] = 1 })).Error;

        ((int)error["code"]!).ShouldBe(1504);
        ((int)error["data"]!["elapsedMs"]!).ShouldBeInRange(900, 5_000);
        var sent = _modern.Ledger.Requests.Last(static request => request.Method == "tools/call").Body;
        var meta = JsonNode.Parse(sent)!["params"]!["_meta"]!.AsObject();
        ((int)meta["io.mcpactors/timeoutMs"]!).ShouldBeInRange(1, 1_000);
        meta.ContainsKey("io.mcpactors/other").ShouldBeFalse("what is between the caller and us goes no further");
    }

    [Fact]
    public async Task An_internal_error_of_the_server_is_passed_on_as_it_is()
    {
        _modern.Behaviour.Add(Fault.RpcError(-32603, "it hurts").OnTool("counter"));
        var reply = await Client().CallAsync("counter");
        ((int)reply.Error["code"]!).ShouldBe(-32603);
        ((string?)reply.Error["message"]).ShouldBe("it hurts");
        reply.Error["data"]?["origin"].ShouldBeNull();
    }

    [Fact]
    public async Task Reads_are_repeated_until_they_work()
    {
        _modern.Behaviour.Add(Fault.WithStatus(503).On("prompts/list").For(1));
        (await Client().RequestAsync("prompts/list")).Result["prompts"].ShouldNotBeNull();
    }

    [Fact]
    public async Task An_open_circuit_is_1503_and_says_since_when_and_until_when()
    {
        _modern.Behaviour.Add(Fault.WithStatus(500).OnTool("echo"));
        for (var i = 0; i < 5; i++)
            await Client().CallAsync("echo");
        var before = _modern.Ledger.CountOf("tools/call");
        var reply = await Client().CallAsync("counter");
        reply.Status.ShouldBe(HttpStatusCode.OK);
        ((int)reply.Error["code"]!).ShouldBe(1503);
        var data = reply.Error["data"]!;
        ((string?)data["server"]).ShouldBe(_server);
        DateTimeOffset.Parse((string)data["since"]!, null).ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        ((int)data["retryAfterMs"]!).ShouldBeGreaterThan(0);
        ((string?)data["reason"]).ShouldNotBeNullOrEmpty();
        _modern.Ledger.CountOf("tools/call").ShouldBe(before);
        using var rest = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var response = await _gateway.Http.PostAsync($"/api/v1/servers/{_server}/tools/counter", rest);
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_server_that_forgets_its_sessions_is_initialised_again_and_the_client_notices_nothing()
    {
        var client = new McpClientDouble(_gateway.Http, "/mcp/legacy", "2025-11-25");
        await client.OpenAsync();
        (await client.CallAsync("counter")).Result.ShouldNotBeNull();
        _legacy.ForgetSessions();
        (await client.CallAsync("counter")).Result.ShouldNotBeNull();
        _legacy.Ledger.Executions("counter").ShouldBe(2);
    }

    [Fact]
    public async Task A_full_queue_is_1429_and_so_is_a_wait_that_took_too_long()
    {
        var client = new McpClientDouble(_gateway.Http, "/mcp/narrow", McpClientDouble.Modern);
        var running = client.CallAsync("progress", new JsonObject { ["n"] = 1, ["ms"] = 3_000 });
        await _modern.Ledger.WaitUntilAsync(static ledger => ledger.Concurrent == 1, Patience);
        var waiting = client.CallAsync("echo");
        var refused = client.CallAsync("echo");
        McpReply[] replies = [await waiting, await refused];
        foreach (var reply in replies)
            ((int)reply.Error["code"]!).ShouldBe(1429);
        replies.Select(static r => (string?)r.Error["data"]!["phase"]).ShouldContain("queue");
        replies.ShouldAllBe(static r => (int?)r.Error["data"]!["retryAfterMs"] > 0);
        (await running).Text.ShouldBe("1 steps");
    }

    [Fact]
    public async Task A_cached_result_is_served_with_the_callers_id_and_without_the_server()
    {
        var first = await Client().CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 2 });
        var again = await Client().CallAsync("add", new JsonObject { ["b"] = 2, ["a"] = 1 });
        var other = await Client().CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 3 });
        first.Text.ShouldBe("3");
        again.Text.ShouldBe("3");
        other.Text.ShouldBe("4");
        _modern.Ledger.Executions("add").ShouldBe(2);
        ((string?)again.Result["resultType"]).ShouldBe("complete");
        again.Result.ContainsKey("ttlMs").ShouldBeFalse("a tool's result has no hints");
    }

    [Fact]
    public async Task A_cached_result_serves_callers_of_the_other_era_in_their_own_words()
    {
        await Client().CallAsync("add", new JsonObject { ["a"] = 20, ["b"] = 2 });
        var old = new McpClientDouble(_gateway.Http, "/mcp/" + _server, "2025-06-18");
        await old.OpenAsync();
        var reply = await old.CallAsync("add", new JsonObject { ["a"] = 20, ["b"] = 2 });
        reply.Text.ShouldBe("22");
        reply.Result.ContainsKey("resultType").ShouldBeFalse();
        reply.Response["id"]!.ToJsonString().ShouldBe(old.LastId);
    }

    [Fact]
    public async Task A_failure_after_progress_ends_the_stream_with_an_error()
    {
        _modern.Behaviour.Add(new Fault { Kind = FaultKind.CutSse, At = 0.9 }.OnTool("progress"));
        var reply = await Client().CallAsync("progress", new JsonObject { ["n"] = 5, ["ms"] = 20 }, new JsonObject { ["progressToken"] = 7 });
        ((int)reply.Error["code"]!).ShouldBe(1502);
        _modern.Ledger.Executions("progress").ShouldBe(1);
    }

    [Theory]
    [InlineData("{", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"Method\":\"tools/call\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"method\":\"tools/call\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"tools/list\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"} {}", -32700)]
    [InlineData("[]", -32600)]
    [InlineData("", -32700)]
    public async Task Bodies_that_two_parsers_could_read_in_two_ways_are_400(string body, int code)
    {
        var reply = await Client().PostAsync(body.Length == 0 ? " " : body);
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((int)reply.Error["code"]!).ShouldBe(code);
        _modern.Ledger.CountOf("tools/call").ShouldBe(0);
    }

    [Fact]
    public async Task Too_much_is_413_and_too_deep_400()
    {
        var large = await Client().CallAsync("echo", new JsonObject { ["message"] = new string('x', 100_000) });
        large.Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        ((int)large.Error["code"]!).ShouldBe(-32600);
        var deep = Client().Request("tools/call", new JsonObject { ["name"] = "echo", ["arguments"] = new JsonObject { ["message"] = "DEEP" } })
            .Replace("\"DEEP\"", new string('[', 100) + new string(']', 100), StringComparison.Ordinal);
        (await Client().PostAsync(deep)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Accept_and_content_type_are_checked()
    {
        var client = Client();
        (await client.PostAsync(client.Request("tools/list"), static r =>
        {
            r.Headers.Accept.Clear();
            r.Headers.Accept.ParseAdd("application/json");
        })).Status.ShouldBe(HttpStatusCode.NotAcceptable);
        (await client.PostAsync(client.Request("tools/list"), static r => r.Content!.Headers.ContentType = new("text/plain")))
            .Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task The_request_id_is_echoed_unless_it_could_end_a_line()
    {
        var reply = await Client().PostAsync(Client().Request("tools/list"), static r => r.Headers.Add("X-Request-Id", "abc-123"));
        reply.Headers.GetValues("X-Request-Id").ShouldBe(["abc-123"]);
        var odd = await Client().PostAsync(Client().Request("tools/list"), static r => r.Headers.TryAddWithoutValidation("X-Request-Id", "a b"));
        odd.Headers.Contains("X-Request-Id").ShouldBeFalse();
    }

    private McpClientDouble Client() => new(_gateway.Http, "/mcp/" + _server, McpClientDouble.Modern);
}

/// <summary>A node that leaves.</summary>
public sealed class DrainFlowTests
{
    [Fact]
    public async Task A_draining_node_answers_503_with_a_time()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var gateway = await GatewayNode.StartAsync([GatewayNode.Server("any", mock)]);
        gateway.Get<Cluster.Lifecycle.IDrain>().Begin();
        var reply = await new McpClientDouble(gateway.Http, "/mcp/any", McpClientDouble.Modern).CallAsync("echo");
        reply.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        reply.Headers.RetryAfter.ShouldNotBeNull();
        ((int)reply.Error["code"]!).ShouldBe(1503);
        (await gateway.Http.GetAsync("/healthz/ready")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await gateway.Http.GetAsync("/healthz/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
