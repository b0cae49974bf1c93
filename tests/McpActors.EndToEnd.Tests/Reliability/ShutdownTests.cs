using System.Diagnostics;
using System.Net;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Reliability;

/// <summary>A node that is told to stop, as its supervisor and its callers see it.</summary>
public sealed class ShutdownTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Calls_in_hand_are_finished_new_ones_are_refused_and_the_node_is_gone_soon_after()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728 });
        await using var gateway = await GatewayProcess.StartAsync($$"""servers: { one: { url: "{{mock.Url}}" } }""");
        using var caller = new GatewayHttp(gateway);
        var call = caller.CallAsync("one", "slow", new { ms = 3_000 });
        await mock.Ledger.WaitUntilAsync(ledger => ledger.Concurrent == 1, Limit);

        var watch = Stopwatch.StartNew();
        ProcessTable.Terminate(gateway.ProcessId);
        // It says that it is not ready a moment before it refuses: what a balancer sends meanwhile is answered.
        await gateway.WaitUntilAsync(async () => await StatusAsync(gateway) == HttpStatusCode.ServiceUnavailable, "not ready", Limit);
        System.Text.Json.Nodes.JsonNode? body = null;
        await gateway.WaitUntilAsync(
            async () =>
            {
                (var status, body) = await caller.CallAsync("one", "echo");
                return status == HttpStatusCode.ServiceUnavailable;
            },
            "refusing calls",
            Limit);

        ((int)body!["code"]!).ShouldBe(1503);
        (await call).Status.ShouldBe(HttpStatusCode.OK);
        (await gateway.ExitAsync()).ShouldBe(0, gateway.Output);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_call_that_outlives_the_drain_time_is_answered_and_does_not_hold_the_node()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728 });
        await using var gateway = await GatewayProcess.StartAsync($$"""
            servers: { one: { url: "{{mock.Url}}" } }
            shutdown: { drain: 1s }
            """);
        using var caller = new GatewayHttp(gateway);
        var call = caller.CallAsync("one", "slow", new { ms = 50_000 });
        await mock.Ledger.WaitUntilAsync(ledger => ledger.Concurrent == 1, Limit);

        var watch = Stopwatch.StartNew();
        (await gateway.StopAsync()).ShouldBe(0, gateway.Output);

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1 + 15));
        var (status, body) = await call;
        status.ShouldBeOneOf(HttpStatusCode.BadGateway, HttpStatusCode.GatewayTimeout, HttpStatusCode.ServiceUnavailable);
        ((string?)body!["outcome"]).ShouldBe("unknown", body.ToJsonString());
    }

    private static async Task<HttpStatusCode> StatusAsync(GatewayProcess gateway)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(gateway.Front, "/healthz/ready"));
        return response.StatusCode;
    }
}
