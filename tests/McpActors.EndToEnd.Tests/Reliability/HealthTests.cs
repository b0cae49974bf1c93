using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Reliability;

/// <summary>Servers nobody calls are watched, somebody is told when they fail, and nothing that is stopped is woken for it.</summary>
public sealed class HealthTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(MockProtocol.V20251125, "ping")]
    [InlineData(MockProtocol.V20260728, "server/discover")]
    public async Task A_server_that_hangs_is_found_out_told_and_found_well_again(MockProtocol protocol, string probe)
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = protocol });
        await using var pager = new WebhookListener();
        await using var gateway = await GatewayProcess.StartAsync($$"""
            health: { alerts: [ { name: pager, webhook: "{{pager.Url}}", events: [serverUnhealthy], for: 1s } ] }
            servers: { mock: { url: "{{mock.Url}}", health: { interval: 1s }, labels: { team: tests } } }
            """);
        using var caller = new GatewayHttp(gateway);
        (await caller.CallAsync("mock", "echo", new { message = "hello" })).Status.ShouldBe(HttpStatusCode.OK);
        await UntilAsync(gateway, caller, "healthy");
        await mock.Ledger.WaitUntilAsync(ledger => ledger.CountOf(probe) > 1, Limit);
        var sessions = mock.Ledger.SessionsOpened;

        mock.Behaviour.Add(Fault.Hang().On(probe));
        await UntilAsync(gateway, caller, "unhealthy");
        var fired = await pager.NextAsync("firing");
        fired["alerts"]![0]!["subject"]!.ToString().ShouldBe("mock");
        fired["alerts"]![0]!["labels"]!["team"]!.ToString().ShouldBe("tests");
        var listed = await caller.StateAsync("/api/v1/alerts?state=firing");
        listed["alerts"]![0]!["event"]!.ToString().ShouldBe("serverUnhealthy");
        var shown = await caller.StateAsync("/api/v1/servers/mock");
        shown["health"]!["lastProbe"]!["result"]!.ToString().ShouldBe("failed");
        shown["circuit"]!["state"]!.ToString().ShouldBe("closed", "probes are no calls");

        mock.Behaviour.Clear();
        await UntilAsync(gateway, caller, "healthy");
        var resolved = await pager.NextAsync("resolved");
        resolved["alerts"]![0]!["alert"]!.ToString().ShouldBe(fired["alerts"]![0]!["alert"]!.ToString());
        mock.Ledger.SessionsOpened.ShouldBe(sessions, "probes use the session that is there");
    }

    [Fact]
    public async Task A_stopped_process_is_never_started_and_an_idle_one_not_kept_by_probes()
    {
        var ledger = Path.Combine(Path.GetTempPath(), $"mcpactors-ledger-{Guid.NewGuid():N}.jsonl");
        var arguments = string.Join(", ", MockServerProgram.Stdio("dual", ledger).Select(argument => $"\"{argument}\""));
        await using var gateway = await GatewayProcess.StartAsync($$"""
            servers:
              quiet: { command: "{{MockServerProgram.Path}}", args: [{{arguments}}], health: { interval: 1s }, idleStop: 3s }
              other: { command: "{{MockServerProgram.Path}}", args: [{{arguments}}], health: { interval: 1s } }
            """);
        using var caller = new GatewayHttp(gateway);
        var process = (int)(await caller.CallAsync("quiet", "whoami")).Body!["structuredContent"]!["processId"]!;
        await gateway.WaitUntilAsync(async () => await HealthAsync(caller, "quiet") == "healthy", "healthy", Limit);

        await gateway.WaitUntilAsync(() => Task.FromResult(!ProcessTable.IsRunning(process)), "without the idle process", Limit);
        await gateway.WaitUntilAsync(async () => await HealthAsync(caller, "quiet") == "unknown", "without a verdict on what does not run", Limit);

        // Several intervals later nothing has been started.
        await Task.WhenAll(WatchAsync(gateway, caller, "quiet"), WatchAsync(gateway, caller, "other"));
        Ledger.ReadStarts(ledger).Count.ShouldBe(1);
        (await HealthAsync(caller, "other")).ShouldBe("unknown");
    }

    private static async Task<string> HealthAsync(GatewayHttp caller, string server) =>
        (await caller.StateAsync($"/api/v1/servers/{server}"))["health"]!["verdict"]!.ToString();

    private static Task UntilAsync(GatewayProcess gateway, GatewayHttp caller, string verdict) =>
        gateway.WaitUntilAsync(async () => await HealthAsync(caller, "mock") == verdict, verdict, Limit);

    private static async Task WatchAsync(GatewayProcess gateway, GatewayHttp caller, string server)
    {
        var looks = 0;
        await gateway.WaitUntilAsync(
            async () =>
            {
                (await caller.StateAsync($"/api/v1/servers/{server}"))["connections"]!.AsArray().ShouldBeEmpty();
                return ++looks > 50;
            },
            "watched for five seconds",
            Limit);
    }

    /// <summary>A webhook that takes everything.</summary>
    private sealed class WebhookListener : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly BlockingCollection<JsonNode> _taken = [];
        private readonly Task _loop;

        public WebhookListener()
        {
            Url = new Uri($"http://127.0.0.1:{FreePorts.Take()}/hooks/secret");
            _listener.Prefixes.Add($"http://{Url.Authority}/");
            _listener.Start();
            _loop = Task.Run(TakeAsync);
        }

        public Uri Url { get; }

        /// <summary>The next body whose first alert has this status.</summary>
        public async Task<JsonNode> NextAsync(string status)
        {
            using var limit = new CancellationTokenSource(Limit);
            return await Task.Run(() =>
            {
                foreach (var body in _taken.GetConsumingEnumerable(limit.Token))
                {
                    if (body["alerts"]![0]!["status"]!.ToString() == status)
                        return body;
                }

                throw new InvalidOperationException("the listener ended");
            });
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _loop;
            _taken.Dispose();
        }

        private async Task TakeAsync()
        {
            while (_listener.IsListening)
            {
                try
                {
                    var context = await _listener.GetContextAsync();
                    _taken.Add((await JsonNode.ParseAsync(context.Request.InputStream))!);
                    context.Response.StatusCode = 204;
                    context.Response.Close();
                }
                catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
