using System.Net;
using System.Text.Json.Nodes;
using McpActors.MockServer;

namespace McpActors.Gateway.Tests.Front.Flows;

/// <summary>One node and one server of each era for all flows.</summary>
public sealed class FlowFixture : IAsyncLifetime
{
    internal GatewayNode Gateway { get; private set; } = null!;

    internal MockMcpServer ModernMock { get; private set; } = null!;

    internal MockMcpServer LegacyMock { get; private set; } = null!;

    internal MockMcpServer OldMock { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        ModernMock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728, Name = "modern" });
        LegacyMock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Name = "legacy" });
        OldMock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20250326, Name = "old" });
        Gateway = await GatewayNode.StartAsync(
            [GatewayNode.Server("modern", ModernMock), GatewayNode.Server("legacy", LegacyMock), GatewayNode.Server("old", OldMock)]);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await ModernMock.DisposeAsync();
        await LegacyMock.DisposeAsync();
        await OldMock.DisposeAsync();
    }

    internal async Task<McpClientDouble> ClientAsync(string path, string revision)
    {
        var client = new McpClientDouble(Gateway.Http, path, revision);
        await client.OpenAsync();
        return client;
    }
}

/// <summary>The main flows of all revisions against servers of all eras, over a real node.</summary>
public sealed class FlowTests(FlowFixture fixture) : IClassFixture<FlowFixture>
{
    public static TheoryData<string, string> Cells()
    {
        var cells = new TheoryData<string, string>();
        foreach (var revision in (string[])["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"])
        {
            foreach (var server in (string[])["modern", "legacy", "old"])
                cells.Add(revision, server);
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_tool_call_is_answered_as_one_json_body(string revision, string server)
    {
        var client = await fixture.ClientAsync("/mcp/" + server, revision);
        var reply = await client.CallAsync("echo", new JsonObject { ["message"] = "héllo \"w\"" });
        reply.Status.ShouldBe(HttpStatusCode.OK);
        reply.ContentType.ShouldBe("application/json");
        reply.Text.ShouldBe("héllo \"w\"");
        reply.Response["id"]!.ToJsonString().ShouldBe(client.LastId);
        ((string?)reply.Result["resultType"]).ShouldBe(client.IsModern ? "complete" : null);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Lists_come_through_and_carry_hints_only_where_the_revision_has_them(string revision, string server)
    {
        var client = await fixture.ClientAsync("/mcp/" + server, revision);
        var reply = await client.RequestAsync("tools/list");
        reply.Result["tools"]!.AsArray().Select(static t => (string)t!["name"]!).ShouldContain("echo");
        reply.Result.ContainsKey("ttlMs").ShouldBe(client.IsModern);
        reply.Result.ContainsKey("cacheScope").ShouldBe(client.IsModern);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Progress_opens_a_stream_and_has_the_callers_token(string revision, string server)
    {
        var client = await fixture.ClientAsync("/mcp/" + server, revision);
        var reply = await client.CallAsync("progress", new JsonObject { ["n"] = 3 }, new JsonObject { ["progressToken"] = "tök\"en" });
        reply.ContentType.ShouldBe("text/event-stream");
        reply.Messages.Count.ShouldBe(4);
        foreach (var message in reply.Messages.Take(3))
        {
            ((string?)message["method"]).ShouldBe("notifications/progress");
            ((string?)message["params"]!["progressToken"]).ShouldBe("tök\"en");
        }

        reply.Text.ShouldBe("3 steps");
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_tools_own_error_is_passed_on_as_it_is(string revision, string server)
    {
        var client = await fixture.ClientAsync("/mcp/" + server, revision);
        var reply = await client.CallAsync("fail");
        ((bool)reply.Result["isError"]!).ShouldBeTrue();
    }

    [Theory]
    [InlineData("2025-11-25", "legacy")]
    [InlineData("2026-07-28", "modern")]
    public async Task Numeric_and_text_ids_come_back_in_their_own_type(string revision, string server)
    {
        var client = await fixture.ClientAsync("/mcp/" + server, revision);
        var request = client.Request("tools/call", new JsonObject { ["name"] = "echo", ["arguments"] = new JsonObject { ["message"] = "x" } });
        foreach (var id in (string[])["\"1\"", "1", "\"\\u0031\"", "-7"])
        {
            var node = JsonNode.Parse(request)!.AsObject();
            node["id"] = null;
            var reply = await client.PostAsync(node.ToJsonString().Replace("\"id\":null", "\"id\":" + id, StringComparison.Ordinal));
            reply.Response["id"]!.ToJsonString().ShouldBe(JsonNode.Parse(id)!.ToJsonString());
        }
    }
}
