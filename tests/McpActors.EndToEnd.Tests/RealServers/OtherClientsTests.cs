using System.Text.Json.Nodes;

namespace McpActors.EndToEnd.Tests.RealServers;

/// <summary>Both TypeScript SDKs and the inspector's command line before the published servers.</summary>
[Collection(RealGatewayCollection.Name)]
public sealed class OtherClientsTests(RealGateway real)
{
    private const string Calls = """
        [{"name":"echo","arguments":{"message":"hé"}},
         {"name":"trigger-long-running-operation","arguments":{"duration":0.3,"steps":3}},
         {"name":"get-sum","arguments":{"a":2,"b":3}}]
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [SkippableTheory]
    [InlineData("everything")]
    [InlineData("everything-http")]
    public async Task First_typescript_sdk_uses_the_everything_server(string server)
    {
        var seen = await DriveAsync("sdk1.mjs", real.Gateway.Mcp(server), Calls);

        Check(seen, "2025-11-25");
    }

    [SkippableTheory]
    [InlineData("everything", "legacy", "2025-11-25")]
    [InlineData("everything", "auto", "2026-07-28")]
    [InlineData("everything-http", "2026-07-28", "2026-07-28")]
    public async Task Second_typescript_sdk_uses_the_everything_server(string server, string era, string negotiated)
    {
        var seen = await DriveAsync("sdk2.mjs", real.Gateway.Mcp(server), Calls, era);

        Check(seen, negotiated);
    }

    [SkippableTheory]
    [InlineData("sdk1.mjs", "")]
    [InlineData("sdk2.mjs", "legacy")]
    [InlineData("sdk2.mjs", "auto")]
    public async Task Typescript_sdks_use_all_servers_through_the_one_endpoint(string driver, string era)
    {
        const string calls = """[{"name":"everything__echo","arguments":{"message":"1"}},{"name":"modern__echo","arguments":{"message":"2"}},{"name":"legacy__echo","arguments":{"message":"3"}}]""";

        var seen = await DriveAsync(driver, real.Gateway.Mcp(), calls, era);

        seen["results"]!.AsArray().Select(result => (string?)result!["content"]?[0]?["text"]).ShouldBe(["Echo: 1", "2", "3"]);
        seen["tools"]!.AsArray().Select(tool => (string?)tool).ShouldContain("thinking__sequentialthinking");
    }

    [SkippableFact]
    public async Task Inspector_lists_and_calls()
    {
        var tools = await InspectAsync(real.Gateway.Mcp("everything"), "--method", "tools/list");
        var echo = await InspectAsync(real.Gateway.Mcp("everything"), "--method", "tools/call", "--tool-name", "echo", "--tool-arg", "message=hello");
        var aggregated = await InspectAsync(real.Gateway.Mcp(), "--method", "tools/call", "--tool-name", "modern__echo", "--tool-arg", "message=all");

        tools["tools"]!.AsArray().Select(tool => (string?)tool!["name"]).ShouldContain("get-sum");
        ((string?)echo["content"]![0]!["text"]).ShouldBe("Echo: hello");
        ((string?)aggregated["content"]![0]!["text"]).ShouldBe("all");
    }

    private static void Check(JsonNode seen, string negotiated)
    {
        ((string?)seen["protocol"]).ShouldBe(negotiated);
        seen["tools"]!.AsArray().Select(tool => (string?)tool).ShouldContain("echo");
        seen["resources"]!.AsArray().ShouldNotBeEmpty();
        seen["prompts"]!.AsArray().Select(prompt => (string?)prompt).ShouldContain("simple-prompt");
        seen["progress"]!.AsArray().Select(step => (int)step!).ShouldBe([1, 2, 3]);
        var results = seen["results"]!.AsArray();
        ((string?)results[0]!["content"]![0]!["text"]).ShouldBe("Echo: hé");
        ((string?)results[2]!["content"]![0]!["text"]).ShouldNotBeNull().ShouldContain("5");
    }

    private async Task<JsonNode> DriveAsync(string driver, Uri url, params string[] arguments)
    {
        var script = Path.Combine(real.Node.Folder, "RealServers", "drivers", driver);
        var result = await real.Node.RunAsync(script, [url.ToString(), .. arguments], s_limit);
        result.ExitCode.ShouldBe(0, result.ToString());
        return JsonNode.Parse(result.Output)!;
    }

    private async Task<JsonNode> InspectAsync(Uri url, params string[] arguments)
    {
        var result = await real.Node.RunAsync(
            real.Node.Script("@modelcontextprotocol/inspector", "mcp-inspector"),
            ["--cli", url.ToString(), "--transport", "http", .. arguments],
            s_limit);
        result.ExitCode.ShouldBe(0, result.ToString());
        return JsonNode.Parse(result.Output)!;
    }
}
