using System.Net;
using System.Text.Json.Nodes;
using McpActors.EndToEnd.Tests.Reliability;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Discovery;

/// <summary>Servers of a registry, as a user of the gateway and of its command line meets them.</summary>
public sealed class RegistryTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private MockRegistry _registry = null!;
    private MockMcpServer _mock = null!;

    public async Task InitializeAsync()
    {
        _registry = await MockRegistry.StartAsync();
        _mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
    }

    public async Task DisposeAsync()
    {
        await _mock.DisposeAsync();
        await _registry.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_listed_service_can_be_called_and_outlives_the_registry_and_a_restart_of_the_gateway()
    {
        _registry.Servers = [MockRegistry.Remote("acme/first", _mock.Url), MockRegistry.Remote("other/one", _mock.Url), MockRegistry.Remote("acme/second", _mock.Url)];
        await using var gateway = await StartAsync(approval: "processes");
        using var caller = new GatewayHttp(gateway);
        await UntilAnswersAsync(gateway, caller, "acme-first");
        await UntilAnswersAsync(gateway, caller, "acme-second");
        (await caller.CallAsync("other-one", "echo")).Status.ShouldBe(HttpStatusCode.NotFound, "include does not name it");
        (await caller.StateAsync("/api/v1/servers/acme-first"))["source"]!.GetValue<string>().ShouldBe($"registry:{_registry.Url.Authority}");

        _registry.IsBroken = true;
        await gateway.WaitUntilAsync(async () => (string?)(await RowAsync(caller))["lastError"] is { Length: > 0 }, "told that the registry fails", Limit);
        (await caller.CallAsync("acme-first", "echo", new { message = "still" })).Status.ShouldBe(HttpStatusCode.OK);
        await gateway.StopAsync();
        await gateway.StartAsync();
        await UntilAnswersAsync(gateway, caller, "acme-first");

        (_registry.Servers, _registry.IsBroken) = ([_registry.Servers[2]], false);
        await gateway.WaitUntilAsync(async () => (await caller.CallAsync("acme-first", "echo")).Status == HttpStatusCode.NotFound, "without what the registry dropped", Limit);
        await UntilAnswersAsync(gateway, caller, "acme-second");
    }

    [SkippableFact]
    public async Task Nothing_is_started_from_a_registry_before_somebody_approves_it()
    {
        Skip.If(OperatingSystem.IsWindows(), "the program that would start the package is a shell script here");
        var started = _folder.File("started");
        var npx = _folder.File("npx");
        await File.WriteAllTextAsync(npx, $"#!/bin/sh\necho \"$@\" >> '{started}'\nexec '{MockServerProgram.Path}' {string.Join(' ', MockServerProgram.Stdio())}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(npx, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _registry.Servers = [MockRegistry.Package("acme/tool", "tool", "1.0.0")];
        var options = new GatewayProcessOptions { Environment = new Dictionary<string, string> { ["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" } };
        await using var gateway = await StartAsync(approval: "processes", options);
        using var caller = new GatewayHttp(gateway);
        var waiting = "";
        await gateway.WaitUntilAsync(async () => (waiting = await CommandAsync(gateway, "approvals", "list")).Contains("acme-tool", StringComparison.Ordinal), "asked for an approval", Limit);
        waiting.ShouldContain("pending");
        (await CommandAsync(gateway, "sources", "--servers")).ShouldContain("needsApproval");
        (await caller.CallAsync("acme-tool", "echo")).Status.ShouldBe(HttpStatusCode.NotFound);
        File.Exists(started).ShouldBeFalse();

        (await CommandAsync(gateway, "approvals", "approve", "acme-tool", "--reason", "looked at it")).ShouldStartWith("acme-tool: approved");

        (await caller.CallAsync("acme-tool", "echo", new { message = "there" })).Status.ShouldBe(HttpStatusCode.OK, "an approval counts once it is answered");
        (await File.ReadAllLinesAsync(started)).ShouldHaveSingleItem().ShouldBe("-y tool@1.0.0");
        var approved = JsonNode.Parse(await CommandAsync(gateway, "approvals", "list", "--state", "approved", "--json"))!.AsArray().ShouldHaveSingleItem()!;
        ((string?)approved["id"], (string?)approved["why"]).ShouldBe(("acme-tool", "looked at it"));

        // A new version is something else: what was approved goes on, and nothing of the new one is started.
        _registry.Servers = [MockRegistry.Package("acme/tool", "tool", "2.0.0")];
        await gateway.WaitUntilAsync(async () => (await CommandAsync(gateway, "approvals", "list", "--state", "pending")).Contains("acme-tool", StringComparison.Ordinal), "asked again", Limit);
        (await caller.CallAsync("acme-tool", "echo", new { message = "there" })).Status.ShouldBe(HttpStatusCode.OK);
        (await File.ReadAllLinesAsync(started)).ShouldAllBe(line => line == "-y tool@1.0.0");

        await CommandAsync(gateway, "approvals", "reject", "acme-tool", "--hash", (string)approved["hash"]!);
        await gateway.WaitUntilAsync(async () => (await caller.CallAsync("acme-tool", "echo")).Status == HttpStatusCode.NotFound, "without what is approved no more", Limit);
    }

    private Task<GatewayProcess> StartAsync(string approval, GatewayProcessOptions? options = null) => GatewayProcess.StartAsync(
        $$"""
        discovery: { registries: [ { url: "{{_registry.Url}}", include: ["acme/*"], interval: 1s, approval: {{approval}} } ] }
        """,
        options);

    private static Task UntilAnswersAsync(GatewayProcess gateway, GatewayHttp caller, string server) =>
        gateway.WaitUntilAsync(async () => (await caller.CallAsync(server, "echo", new { message = "there" })).Status == HttpStatusCode.OK, $"able to call {server}", Limit);

    private async Task<JsonNode> RowAsync(GatewayHttp caller) =>
        (await caller.StateAsync("/api/v1/sources"))["sources"]!.AsArray().Single(source => (string?)source!["source"] == $"registry:{_registry.Url.Authority}")!;

    private static async Task<string> CommandAsync(GatewayProcess gateway, params string[] arguments)
    {
        var result = await ProgramRun.RunAsync(GatewayProcess.Program, [.. arguments, "--url", gateway.Management.AbsoluteUri], gateway.Folder, Limit);
        result.ExitCode.ShouldBe(0, result.ToString());
        return result.Output;
    }
}
