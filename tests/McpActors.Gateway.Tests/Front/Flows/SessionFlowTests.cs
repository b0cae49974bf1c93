using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Core.Configuration;

namespace McpActors.Gateway.Tests.Front.Flows;

/// <summary>Sessions of the older revisions: their life, their streams, their cancellations.</summary>
public sealed class SessionFlowTests(FlowFixture fixture) : IClassFixture<FlowFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-03-26", "2025-03-26")]
    [InlineData("1999-01-01", "2025-11-25")]
    public async Task Initialize_agrees_on_the_revision_asked_for_or_the_newest(string asked, string agreed)
    {
        var client = new McpClientDouble(fixture.Gateway.Http, "/mcp/modern", asked);
        var reply = await client.OpenAsync();
        ((string?)reply!.Result["protocolVersion"]).ShouldBe(agreed);
        ((string?)reply.Result["serverInfo"]!["name"]).ShouldBe("modern");
        reply.Result["capabilities"]!["tools"].ShouldNotBeNull();
        reply.Result.ContainsKey("resultType").ShouldBeFalse();
    }

    [Fact]
    public async Task A_request_without_a_session_is_400_and_one_with_an_unknown_session_404()
    {
        var client = new McpClientDouble(fixture.Gateway.Http, "/mcp/legacy", "2025-11-25");
        (await client.RequestAsync("tools/list")).Status.ShouldBe(HttpStatusCode.BadRequest);
        client.Session = "made-up";
        var unknown = await client.RequestAsync("tools/list");
        unknown.Status.ShouldBe(HttpStatusCode.NotFound);
        unknown.Response["id"]!.ToJsonString().ShouldBe(client.LastId);
    }

    [Fact]
    public async Task A_session_that_finds_no_room_is_1429_with_the_time_of_another_attempt_and_one_that_is_too_large_is_not()
    {
        await using var full = await GatewayNode.StartAsync([GatewayNode.Server("legacy", fixture.LegacyMock)], limits: LimitOptions.Default with { Sessions = 1 });
        var large = await InitializeAsync(full, new JsonObject { ["experimental"] = new JsonObject { ["x"] = new string('x', 40_000) } });
        ((int)large.Error["code"]!).ShouldBe(-32602);
        ((string?)large.Error["message"])!.ShouldContain("32768");
        large.Error["data"]?["retryAfterMs"].ShouldBeNull();
        await new McpClientDouble(full.Http, "/mcp/legacy", "2025-11-25").OpenAsync();

        var refused = await InitializeAsync(full, []);

        ((int)refused.Error["code"]!).ShouldBe(1429);
        ((string?)refused.Error["message"])!.ShouldContain("limits.sessions");
        ((int?)refused.Error["data"]!["retryAfterMs"]).ShouldBe(30_000);
    }

    [Fact]
    public async Task A_session_is_valid_on_its_own_route_only()
    {
        var client = await fixture.ClientAsync("/mcp/legacy", "2025-11-25");
        var elsewhere = new McpClientDouble(fixture.Gateway.Http, "/mcp/modern", "2025-11-25") { Session = client.Session };
        (await elsewhere.RequestAsync("tools/list")).Status.ShouldBe(HttpStatusCode.NotFound);
        var merged = new McpClientDouble(fixture.Gateway.Http, "/mcp", "2025-11-25") { Session = client.Session };
        (await merged.RequestAsync("tools/list")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_session_ends_with_delete_and_is_unknown_afterwards()
    {
        var client = await fixture.ClientAsync("/mcp/legacy", "2025-11-25");
        using var delete = new HttpRequestMessage(HttpMethod.Delete, "/mcp/legacy");
        delete.Headers.Add("Mcp-Session-Id", client.Session);
        (await fixture.Gateway.Http.SendAsync(delete)).IsSuccessStatusCode.ShouldBeTrue();
        (await client.RequestAsync("tools/list")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Ping_is_answered_here_and_notifications_are_accepted()
    {
        var client = await fixture.ClientAsync("/mcp/legacy", "2025-11-25");
        (await client.RequestAsync("ping")).Result.Count.ShouldBe(0);
        var accepted = await client.PostAsync("""{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}""");
        accepted.Status.ShouldBe(HttpStatusCode.Accepted);
        accepted.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_log_level_filters_what_the_session_hears()
    {
        var client = await fixture.ClientAsync("/mcp/legacy", "2025-11-25");
        (await client.RequestAsync("logging/setLevel", new JsonObject { ["level"] = "error" })).Result.Count.ShouldBe(0);
        (await client.CallAsync("log", new JsonObject { ["level"] = "info" })).Messages.Count.ShouldBe(1);
        var heard = await client.CallAsync("log", new JsonObject { ["level"] = "critical" });
        heard.Messages.Count.ShouldBe(2);
        ((string?)heard.Messages[0]["params"]!["level"]).ShouldBe("critical");
        ((int)(await client.RequestAsync("logging/setLevel", new JsonObject { ["level"] = "loud" })).Error["code"]!).ShouldBe(-32602);
    }

    [Fact]
    public async Task A_version_header_that_is_not_spoken_is_400()
    {
        var client = await fixture.ClientAsync("/mcp/legacy", "2025-11-25");
        var reply = await client.PostAsync(client.Request("tools/list"), static r =>
        {
            r.Headers.Remove("MCP-Protocol-Version");
            r.Headers.Add("MCP-Protocol-Version", "2031-01-01");
        });
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_at_the_server_and_gets_no_answer_in_its_name()
    {
        var client = await fixture.ClientAsync("/mcp/legacy", "2025-11-25");
        var started = fixture.LegacyMock.Ledger.CountOf("tools/call");
        var call = client.CallAsync("slow", new JsonObject { ["ms"] = 600_000 });
        await Eventually(() => fixture.LegacyMock.Ledger.CountOf("tools/call") > started);
        var cancelled = await client.PostAsync($$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{{client.LastId}}}}}""");
        cancelled.Status.ShouldBe(HttpStatusCode.Accepted);
        (await call.WaitAsync(Patience)).Messages.ShouldBeEmpty();
        await fixture.LegacyMock.Ledger.WaitUntilAsync(static ledger => ledger.Cancelled > 0, Patience);
    }

    [Fact]
    public async Task A_batch_is_answered_as_one_array_in_the_revision_that_has_batches()
    {
        var client = await fixture.ClientAsync("/mcp/legacy", "2025-03-26");
        var batch = $$"""
            [{{client.Request("ping")}},{"jsonrpc":"2.0","method":"notifications/initialized"},
             {{client.Request("tools/call", new JsonObject { ["name"] = "echo", ["arguments"] = new JsonObject { ["message"] = "in a batch" } })}},
             {"jsonrpc":"2.0","id":77}]
            """;
        var reply = await client.PostAsync(batch);
        reply.Status.ShouldBe(HttpStatusCode.OK);
        reply.Messages.Count.ShouldBe(3);
        ((string?)reply.Messages.Single(static m => (int?)m["id"] == 3)["result"]!["content"]![0]!["text"]).ShouldBe("in a batch");
        ((int)reply.Messages.Single(static m => (int?)m["id"] == 77)["error"]!["code"]!).ShouldBe(-32600);
        (await client.PostAsync("""[{"jsonrpc":"2.0","method":"notifications/initialized"}]""")).Status.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Other_revisions_have_no_batches()
    {
        var client = await fixture.ClientAsync("/mcp/legacy", "2025-06-18");
        var reply = await client.PostAsync($"[{client.Request("ping")}]");
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((int)reply.Error["code"]!).ShouldBe(-32600);
    }

    [Fact]
    public async Task The_stream_of_a_session_brings_changed_lists()
    {
        var streams = fixture.LegacyMock.Ledger.CountOf("GET");
        var client = await fixture.ClientAsync("/mcp/legacy", "2025-11-25");
        await client.CallAsync("echo");
        using var get = new HttpRequestMessage(HttpMethod.Get, "/mcp/legacy");
        get.Headers.Add("Mcp-Session-Id", client.Session);
        get.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await fixture.Gateway.Http.SendAsync(get, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8);
        var heard = ReadUntilAsync(reader, "notifications/tools/list_changed");
        await Eventually(() => fixture.LegacyMock.Ledger.CountOf("GET") > streams);
        fixture.LegacyMock.Tools.Remove("region");
        await heard.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_stream_needs_a_session_and_a_client_that_takes_events()
    {
        using var without = new HttpRequestMessage(HttpMethod.Get, "/mcp/legacy");
        without.Headers.Accept.ParseAdd("text/event-stream");
        (await fixture.Gateway.Http.SendAsync(without)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var json = new HttpRequestMessage(HttpMethod.Get, "/mcp/legacy");
        json.Headers.Accept.ParseAdd("application/json");
        (await fixture.Gateway.Http.SendAsync(json)).StatusCode.ShouldBe(HttpStatusCode.NotAcceptable);
    }

    private static async Task ReadUntilAsync(StreamReader reader, string text)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return;
        }

        throw new InvalidOperationException($"The stream ended without {text}.");
    }

    /// <summary>Looks until a condition of another thread holds.</summary>
    internal static async Task Eventually(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
            await Task.Delay(10, limit.Token);
    }

    private static Task<McpReply> InitializeAsync(GatewayNode node, JsonObject capabilities) => new McpClientDouble(node.Http, "/mcp/legacy", "2025-11-25").RequestAsync("initialize", new JsonObject
    {
        ["protocolVersion"] = "2025-11-25",
        ["capabilities"] = capabilities,
        ["clientInfo"] = new JsonObject { ["name"] = "double", ["version"] = "1" },
    });
}
