using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using McpActors.EndToEnd.Tests.Reliability;
using McpActors.Testing;
using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Docker;

/// <summary>A container with a label becomes a server, by a real engine.</summary>
public sealed class LabelledContainerTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly string _mark = "mcpactors-test-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private string Box => _mark + "-box";

    private string Filler => _mark + "-filler";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (await DockerEngine.AnswersAsync())
            await DockerEngine.RunAsync("rm", "--force", "--volumes", Box, Filler);
    }

    [SkippableFact]
    public async Task A_labelled_container_can_be_called_also_after_it_comes_back_at_another_address_and_is_gone_once_it_is_removed()
    {
        await DockerEngine.RequireEngineAsync();
        await DockerEngine.MakeImagesAsync("runtime");
        await using var gateway = await GatewayProcess.StartAsync($$"""
            discovery: { docker: { enabled: true, label: {{_mark}}.server } }
            """);
        using var caller = new GatewayHttp(gateway);
        var watch = Stopwatch.StartNew();

        await RunBoxAsync();
        await UntilAnsweredAsync(gateway, caller);
        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s  called");
        var address = await AddressAsync(caller);
        (await caller.StateAsync("/api/v1/servers/boxed"))["title"]!.GetValue<string>().ShouldBe("A box");
        var (status, listed) = await caller.ModernAsync("boxed", "tools/list", null);
        status.ShouldBe(HttpStatusCode.OK, listed?.ToJsonString());
        listed!["result"]!["tools"]!.AsArray().ShouldNotBeEmpty();

        // Somebody else takes the address meanwhile, so that it comes back at another.
        await DockerEngine.RunAsync("stop", "--time", "1", Box);
        await DockerEngine.RunAsync("run", "--detach", "--name", Filler, "mcpactors-local/runtime", "sleep", "600");
        await AddressAsync(caller);
        await DockerEngine.RunAsync("start", Box);
        await gateway.WaitUntilAsync(async () => await AddressAsync(caller) != address, "told of another address", TimeSpan.FromSeconds(30));
        await UntilAnsweredAsync(gateway, caller);
        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s  called at another address");

        await DockerEngine.RunAsync("rm", "--force", Box);
        watch.Restart();
        await gateway.WaitUntilAsync(async () => (await caller.CallAsync("boxed", "echo")).Status == HttpStatusCode.NotFound, "without the server", TimeSpan.FromSeconds(60));
        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s  gone");
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(10), "a container that only restarts is waited for");
        var row = (await caller.StateAsync("/api/v1/sources"))["sources"]!.AsArray().Single(source => ((string)source!["source"]!).StartsWith("docker:", StringComparison.Ordinal))!;
        (((int)row["servers"]!), (string?)row["lastError"]).ShouldBe((0, null));
    }

    private async Task RunBoxAsync() => await DockerEngine.RunAsync(
        "run", "--detach", "--name", Box, "--label", $"{_mark}.server=boxed", "--label", $"{_mark}.title=A box", "--expose", "7000", "--read-only", "--tmpfs", "/tmp",
        "--volume", $"{Path.GetDirectoryName(MockServerProgram.Path)}:/mock:ro", "mcpactors-local/runtime", "dotnet", "/mock/McpActors.MockServer.dll", "--urls", "http://0.0.0.0:7000", "--protocol", "dual", "--name", "boxed");

    private static async Task UntilAnsweredAsync(GatewayProcess gateway, GatewayHttp caller)
    {
        JsonNode? last = null;
        await gateway.WaitUntilAsync(
            async () =>
            {
                (var status, last) = await caller.CallAsync("boxed", "echo", new { message = "there" });
                return status == HttpStatusCode.OK;
            },
            "answered by the container",
            TimeSpan.FromSeconds(60));
    }

    private static async Task<string> AddressAsync(GatewayHttp caller) =>
        (await caller.StateAsync("/api/v1/config"))["configuration"]!["servers"]!["boxed"]!["url"]!.GetValue<string>();
}
