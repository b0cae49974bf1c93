using System.Text.Json.Nodes;
using McpActors.Core.Servers.Catalogue;
using McpActors.Gateway.Cli;
using McpActors.Gateway.Management;
using McpActors.Testing;

namespace McpActors.Gateway.Tests.Management;

/// <summary>The tools of all servers, and what looking at them costs these: each test has a node on which nothing has run yet.</summary>
public sealed class ToolRoutesTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly ManagementNode _node = new();

    private string Started => Path.Combine(_node.Folder, "started");

    [Fact]
    public async Task Looking_starts_no_process_and_asks_only_whose_list_is_not_known()
    {
        var first = await _node.OkAsync("GET", "/api/v1/tools");
        var asked = _node.Mock.Ledger.CountOf("tools/list");
        var second = await _node.OkAsync("GET", "/api/v1/tools");

        Listed(first).ShouldBe(["search", "second"], "an HTTP server is asked: that starts no process");
        Named(first, "notAsked").ShouldBe(["asleep", "broken"]);
        ((string)first["notAsked"]![0]!["reason"]!).ShouldContain("?refresh=true");
        Named(first, "unavailable").ShouldBeEmpty();
        File.Exists(Started).ShouldBeFalse();
        (await EntitiesAsync()).ShouldBe(["search", "second"]);
        second.ToJsonString().ShouldBe(first.ToJsonString());
        _node.Mock.Ledger.CountOf("tools/list").ShouldBe(asked);
    }

    [Fact]
    public async Task A_refresh_asks_all_and_what_was_learnt_is_told_after_a_restart_without_waking_anybody()
    {
        var refreshed = await _node.OkAsync("GET", "/api/v1/tools?refresh=true");
        await _node.StopAsync();
        File.Delete(Started);
        await _node.StartAsync();
        var asked = _node.Mock.Ledger.CountOf("tools/list");
        var remembered = await _node.OkAsync("GET", "/api/v1/tools");

        Listed(refreshed).ShouldBe(["asleep", "search", "second"]);
        Named(refreshed, "notAsked").ShouldBeEmpty();
        Named(refreshed, "unavailable").ShouldBe(["broken"]);
        remembered["tools"]!.ToJsonString().ShouldBe(refreshed["tools"]!.ToJsonString());
        _node.Mock.Ledger.CountOf("tools/list").ShouldBe(asked);
        File.Exists(Started).ShouldBeFalse();
        (await EntitiesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_is_named_is_asked_for_it_alone_and_why_it_does_not_start_is_told_from_then_on()
    {
        var named = await _node.OkAsync("GET", "/api/v1/tools?server=broken");
        var all = await _node.OkAsync("GET", "/api/v1/tools");

        Named(named, "unavailable").ShouldBe(["broken"]);
        Named(all, "unavailable").ShouldBe(["broken"]);
        ((string)all["unavailable"]![0]!["reason"]!).ShouldContain("exit code 3");
        Named(all, "notAsked").ShouldBe(["asleep"]);
        Listed(await _node.OkAsync("GET", "/api/v1/tools?server=asleep")).ShouldBe(["asleep"]);
        File.Exists(Started).ShouldBeTrue();
    }

    [Fact]
    public async Task The_tools_of_a_server_that_cannot_be_used_are_shown_as_last_known_with_the_reason()
    {
        var before = await _node.OkAsync("GET", "/api/v1/tools?server=search");
        await _node.OkAsync("PUT", "/api/v1/servers/search/circuit", """{"mode":"forcedOpen","reason":"maintenance"}""");
        var after = await _node.OkAsync("GET", "/api/v1/tools");

        Listed(after).ShouldContain("search");
        Named(after, "unavailable").ShouldBe(["search"]);
        ((string)after["unavailable"]![0]!["reason"]!).ShouldContain("maintenance");
        before["tools"]!.AsArray().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_command_shows_what_is_known_and_says_how_to_see_the_rest()
    {
        var shown = await RunAsync("tools");
        var refreshed = await RunAsync("tools", "--refresh");

        shown.ShouldContain("search");
        shown.ShouldContain("do not run:");
        shown.ShouldContain("asleep, broken");
        shown.ShouldContain("'mcpactors tools asleep' starts and asks one of them, 'mcpactors tools --refresh' all");
        refreshed.ShouldContain("asleep");
        refreshed.ShouldContain("broken is not listed:");
        refreshed.ShouldNotContain("do not run");
        JsonNode.Parse(await RunAsync("tools", "--json"))!["tools"]!.AsArray().ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("""{"description":"finds"}""", "finds")]
    [InlineData("""{"description":7}""", null)]
    [InlineData("""{"description":{"en":"finds"}}""", null)]
    [InlineData("""{"description":"cut off \ud83d"}""", null)]
    [InlineData("{}", null)]
    public void A_description_that_is_no_text_is_left_out(string tool, string? shown) =>
        ToolEndpoints.DescriptionOf(new ListItem("find", System.Text.Encoding.UTF8.GetBytes(tool))).ShouldBe(shown);

    public async Task InitializeAsync()
    {
        await _node.InitializeAsync();
        await _node.OkAsync("PUT", "/api/v1/servers/asleep", new JsonObject
        {
            ["command"] = "sh",
            ["args"] = new JsonArray("-c", $"touch {Started}; exec {MockServerProgram.Path} --stdio"),
        }.ToJsonString());
    }

    public Task DisposeAsync() => _node.DisposeAsync();

    ValueTask IAsyncDisposable.DisposeAsync() => new(DisposeAsync());

    private static IEnumerable<string?> Listed(JsonNode page) => page["tools"]!.AsArray().Select(tool => (string?)tool!["server"]).Distinct();

    private static IEnumerable<string?> Named(JsonNode page, string which) => page[which]!.AsArray().Select(server => (string?)server!["server"]);

    // The one that a node warms up with is no server.
    private async Task<IEnumerable<string?>> EntitiesAsync() =>
        (await _node.OkAsync("GET", "/cluster/shards/server"))["regions"]!.AsArray().SelectMany(shard => shard!["entities"]!.AsArray()).Select(entity => (string?)entity).Where(entity => entity != "warm-up").Order();

    private async Task<string> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        (await CommandLine.RunAsync([.. args, "--url", _node.Management.BaseAddress!.ToString()], output, error)).ShouldBe(CommandLine.Ok, error.ToString());
        return output.ToString();
    }
}
