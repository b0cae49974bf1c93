using System.Net;
using System.Text.Json.Nodes;
using McpActors.Core.Configuration;
using McpActors.MockServer;

namespace McpActors.Gateway.Tests.Front.Flows;

/// <summary>A node with a server that cannot be reached and one with a hidden tool beside the usual ones.</summary>
public sealed class MixedFixture : IAsyncLifetime
{
    internal GatewayNode Gateway { get; private set; } = null!;

    internal MockMcpServer Alpha { get; private set; } = null!;

    internal MockMcpServer Beta { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Alpha = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728, Name = "alpha", PageSize = 5 });
        Beta = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Name = "beta" });
        Beta.Tools.Set(new string('l', 80), "A name that is too long for model APIs.");
        var hidden = GatewayNode.Server("hidden", Beta) with
        {
            Tools = new Dictionary<string, ToolModel> { ["counter"] = new() { Hidden = true } },
        };
        var dead = GatewayNode.Server("dead", Alpha) with { Url = new Uri("http://127.0.0.1:9/mcp"), Revision = "dead" };
        var disabled = GatewayNode.Server("off", Alpha) with { Enabled = false, Revision = "off" };
        Gateway = await GatewayNode.StartAsync([GatewayNode.Server("alpha", Alpha), GatewayNode.Server("beta", Beta), hidden, dead, disabled]);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Alpha.DisposeAsync();
        await Beta.DisposeAsync();
    }
}

/// <summary>The merged endpoint: names, partial lists, routing by name and by URI.</summary>
public sealed class AggregateFlowTests(MixedFixture fixture) : IClassFixture<MixedFixture>
{
    public static TheoryData<string> Revisions => ["2026-07-28", "2025-11-25", "2025-03-26"];

    [Theory]
    [MemberData(nameof(Revisions))]
    public async Task Tools_of_all_servers_are_listed_under_prefixed_names_and_the_missing_server_is_named(string revision)
    {
        var client = await ClientAsync(revision);
        var reply = await client.RequestAsync("tools/list");
        var names = NamesIn(reply);
        names.ShouldContain("alpha__echo");
        names.ShouldContain("beta__echo");
        names.ShouldNotContain("hidden__counter");
        names.ShouldContain("hidden__echo");
        names.ShouldAllBe(static n => n.Length <= 64);
        names.ShouldBeUnique();
        names.Count(static n => n.StartsWith("alpha__", StringComparison.Ordinal)).ShouldBe(fixture.Alpha.Tools.All.Count, "all pages of the server are there");
        var unavailable = reply.Result["_meta"]!["io.mcpactors/unavailable"]!.AsArray();
        unavailable.Count.ShouldBe(1);
        ((string?)unavailable[0]!["server"]).ShouldBe("dead");
        ((string?)unavailable[0]!["reason"]).ShouldNotBeNullOrWhiteSpace();
        reply.Result.ContainsKey("resultType").ShouldBe(client.IsModern);
    }

    [Theory]
    [MemberData(nameof(Revisions))]
    public async Task A_call_goes_to_the_server_in_its_name(string revision)
    {
        var client = await ClientAsync(revision);
        foreach (var server in (string[])["alpha", "beta"])
        {
            var reply = await client.CallAsync(server + "__whoami");
            ((string?)reply.Result["structuredContent"]!["name"]).ShouldBe(server);
        }
    }

    [Fact]
    public async Task A_shortened_name_finds_its_tool()
    {
        var client = await ClientAsync("2025-11-25");
        var shown = NamesIn(await client.RequestAsync("tools/list")).Single(static n => n.StartsWith("beta__lll", StringComparison.Ordinal));
        shown.Length.ShouldBe(64);
        (await client.CallAsync(shown)).Result.ShouldNotBeNull();
        fixture.Beta.Ledger.Executions(new string('l', 80)).ShouldBe(1);
    }

    [Theory]
    [InlineData("alpha__ecko", "alpha__echo")]
    [InlineData("nowhere__echo", null)]
    [InlineData("hidden__counter", null)]
    [InlineData("echo", null)]
    public async Task An_unknown_tool_is_invalid_params_and_the_nearest_is_named(string name, string? nearest)
    {
        var client = await ClientAsync("2026-07-28");
        var reply = await client.CallAsync(name);
        ((int)reply.Error["code"]!).ShouldBe(-32602);
        if (nearest is not null && reply.Error["data"]?["suggestion"] is { } suggestion)
            ((string?)suggestion).ShouldBe(nearest);
    }

    [Fact]
    public async Task A_resource_is_read_from_the_server_that_lists_it()
    {
        var client = await ClientAsync("2025-11-25");
        var list = await client.RequestAsync("resources/list");
        var uris = list.Result["resources"]!.AsArray().Select(static r => (string)r!["uri"]!).ToList();
        uris.ShouldBeUnique();
        uris.Count.ShouldBeGreaterThan(0);
        var reply = await client.RequestAsync("resources/read", new JsonObject { ["uri"] = uris[0] });
        ((string?)reply.Result["contents"]![0]!["uri"]).ShouldBe(uris[0]);
    }

    [Theory]
    [InlineData("2026-07-28", -32602)]
    [InlineData("2025-11-25", -32002)]
    public async Task An_unknown_resource_has_the_code_of_the_revision(string revision, int code)
    {
        var client = await ClientAsync(revision);
        var reply = await client.RequestAsync("resources/read", new JsonObject { ["uri"] = "nobody://has/this" });
        ((int)reply.Error["code"]!).ShouldBe(code);
        ((string?)reply.Error["data"]!["uri"]).ShouldBe("nobody://has/this");
    }

    [Fact]
    public async Task Prompts_and_completions_find_their_server_by_the_prefixed_name()
    {
        var client = await ClientAsync("2026-07-28");
        var names = (await client.RequestAsync("prompts/list")).Result["prompts"]!.AsArray().Select(static p => (string)p!["name"]!).ToList();
        var name = names.First(static n => n.StartsWith("beta__", StringComparison.Ordinal));
        (await client.RequestAsync("prompts/get", new JsonObject { ["name"] = name, ["arguments"] = new JsonObject { ["name"] = "x" } }))
            .Result["messages"].ShouldNotBeNull();
        var completion = await client.RequestAsync("completion/complete", new JsonObject
        {
            ["ref"] = new JsonObject { ["type"] = "ref/prompt", ["name"] = name },
            ["argument"] = new JsonObject { ["name"] = "name", ["value"] = "a" },
        });
        completion.Result["completion"].ShouldNotBeNull();
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("")]
    public async Task A_cursor_that_was_not_made_here_is_invalid_params(string cursor)
    {
        var client = await ClientAsync("2025-11-25");
        var reply = await client.RequestAsync("tools/list", new JsonObject { ["cursor"] = cursor });
        ((int)reply.Error["code"]!).ShouldBe(-32602);
    }

    [Fact]
    public async Task A_hidden_tool_is_neither_listed_nor_callable_on_the_servers_own_endpoint()
    {
        var client = new McpClientDouble(fixture.Gateway.Http, "/mcp/hidden", "2025-11-25");
        await client.OpenAsync();
        NamesIn(await client.RequestAsync("tools/list")).ShouldNotContain("counter");
        ((int)(await client.CallAsync("counter")).Error["code"]!).ShouldBe(-32602);
        fixture.Beta.Ledger.Executions("counter").ShouldBe(0);
    }

    [Fact]
    public async Task An_unknown_server_is_404_with_the_nearest_id_and_a_disabled_one_1503()
    {
        var client = new McpClientDouble(fixture.Gateway.Http, "/mcp/alpah", McpClientDouble.Modern);
        var unknown = await client.CallAsync("echo");
        unknown.Status.ShouldBe(HttpStatusCode.NotFound);
        ((int)unknown.Error["code"]!).ShouldBe(1404);
        ((string?)unknown.Error["data"]!["suggestion"]).ShouldBe("alpha");
        var disabled = await new McpClientDouble(fixture.Gateway.Http, "/mcp/off", McpClientDouble.Modern).CallAsync("echo");
        disabled.Status.ShouldBe(HttpStatusCode.OK);
        ((int)disabled.Error["code"]!).ShouldBe(1503);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_said_so_and_that_nothing_was_sent()
    {
        var client = new McpClientDouble(fixture.Gateway.Http, "/mcp/dead", McpClientDouble.Modern);
        var reply = await client.CallAsync("echo");
        reply.Status.ShouldBe(HttpStatusCode.OK);
        ((int)reply.Error["code"]!).ShouldBeOneOf(1502, 1503);
        var data = reply.Error["data"]!;
        ((string?)data["server"]).ShouldBe("dead");
        ((string?)data["origin"]).ShouldBe("mcpactors");
        ((string?)data["traceId"])!.Length.ShouldBe(32);
        ((string?)data["outcome"] ?? "notSent").ShouldBe("notSent");
    }

    private async Task<McpClientDouble> ClientAsync(string revision)
    {
        var client = new McpClientDouble(fixture.Gateway.Http, "/mcp", revision);
        await client.OpenAsync();
        return client;
    }

    private static List<string> NamesIn(McpReply reply) => [.. reply.Result["tools"]!.AsArray().Select(static t => (string)t!["name"]!)];
}
