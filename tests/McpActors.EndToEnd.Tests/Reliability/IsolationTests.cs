using System.Net;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Reliability;

/// <summary>One bad server neither slows nor hides the others.</summary>
public sealed class IsolationTests
{
    [Fact]
    public async Task The_merged_list_answers_without_the_server_that_hangs_and_names_it()
    {
        await using var good = await MockMcpServer.StartAsync(new MockOptions { Name = "good" });
        await using var hanging = await MockMcpServer.StartAsync(new MockOptions { Name = "hanging" });
        hanging.Behaviour.Add(Fault.Hang());
        await using var gateway = await GatewayProcess.StartAsync(
            $"servers: {{ good: {{ url: \"{good.Url}\" }}, hanging: {{ url: \"{hanging.Url}\", timeout: {{ list: 1s, initialize: 1s }} }} }}");
        using var caller = new GatewayHttp(gateway);

        var (status, message) = await caller.ModernAsync(null, "tools/list", null);

        status.ShouldBe(HttpStatusCode.OK);
        var result = message!["result"]!;
        result["tools"]!.AsArray().Select(tool => (string?)tool!["name"]).ShouldContain("good__echo");
        result["_meta"]!["io.mcpactors/unavailable"]!.ToJsonString().ShouldContain("hanging");
    }

    [Fact]
    public async Task The_merged_list_keeps_the_last_good_copy_of_a_server_that_is_gone()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync($"servers: {{ mock: {{ url: \"{mock.Url}\", timeout: {{ list: 2s }} }} }}");
        using var caller = new GatewayHttp(gateway);
        (await caller.ModernAsync(null, "tools/list", null)).Message!["result"]!["tools"]!.AsArray().ShouldNotBeEmpty();

        await gateway.WaitUntilAsync(
            async () => (await caller.StateAsync("/api/v1/servers/mock/events"))["events"]!.AsArray().Any(e => (string?)e!["event"] == "listLearned"), "recorded", TimeSpan.FromSeconds(30));

        await mock.StopListeningAsync();
        await gateway.KillAsync();
        await gateway.StartAsync();

        var result = (await caller.ModernAsync(null, "tools/list", null)).Message!["result"]!;
        result["tools"]!.AsArray().Select(tool => (string?)tool!["name"]).ShouldContain("mock__echo");
        result["_meta"]!["io.mcpactors/unavailable"]!.ToJsonString().ShouldContain("mock");
    }

    [Fact]
    public async Task A_full_server_refuses_at_once_while_the_others_answer()
    {
        await using var full = await MockMcpServer.StartAsync(new MockOptions { Name = "full" });
        await using var free = await MockMcpServer.StartAsync(new MockOptions { Name = "free" });
        full.Behaviour.Add(Fault.Hold("gate").OnTool("echo"));
        await using var gateway = await GatewayProcess.StartAsync(
            $"servers: {{ full: {{ url: \"{full.Url}\", concurrency: {{ max: 2, queue: 0 }} }}, free: {{ url: \"{free.Url}\" }} }}");
        using var caller = new GatewayHttp(gateway);
        var held = new[] { caller.CallAsync("full", "echo"), caller.CallAsync("full", "echo") };
        await full.Ledger.WaitUntilAsync(ledger => ledger.CountOf("tools/call") == 2, TimeSpan.FromSeconds(20));

        (await caller.CallAsync("full", "echo")).Status.ShouldBe(HttpStatusCode.TooManyRequests);
        (await caller.CallAsync("free", "echo", new { message = "still here" })).Status.ShouldBe(HttpStatusCode.OK);

        full.Behaviour.Release();
        (await Task.WhenAll(held)).ShouldAllBe(answer => answer.Status == HttpStatusCode.OK);
    }
}
