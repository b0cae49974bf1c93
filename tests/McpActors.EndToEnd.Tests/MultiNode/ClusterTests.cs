using System.Net;
using System.Text.Json.Nodes;
using McpActors.EndToEnd.Tests.Reliability;
using McpActors.MockServer;
using McpActors.Testing;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace McpActors.EndToEnd.Tests.MultiNode;

/// <summary>Real processes as one gateway: whichever front a call enters, it reaches its server.</summary>
[Collection(Alone.Name)]
public sealed class ClusterTests
{
    private const int TenMegabytes = 10 * 1024 * 1024;

    private static readonly string[] Servers = ["modern", "legacy", "dual", "child-a", "child-b", "child-c"];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Every_front_reaches_every_server_with_small_and_large_results_sessions_and_progress()
    {
        await using var mocks = await Mocks.StartAsync();
        await using var cluster = await NodeCluster.StartAsync(3, mocks.Yaml());
        var owners = new HashSet<int>();

        foreach (var server in Servers)
        {
            for (var node = 0; node < 3; node++)
            {
                var (status, body) = await cluster.At[node].CallAsync(server, "echo", new { message = $"{server} at {node}" });
                status.ShouldBe(HttpStatusCode.OK, body?.ToJsonString() + cluster.Nodes[node].Output);
                ((string?)body!["content"]![0]!["text"]).ShouldBe($"{server} at {node}");
                var (_, list) = await cluster.At[node].ModernAsync(server, "tools/list", null);
                list!["result"]!["tools"]!.AsArray().Count.ShouldBeGreaterThan(10, list.ToJsonString());
            }

            var owner = await cluster.OwnerAsync(0, server);
            (await cluster.OwnerAsync(1, server)).ShouldBe(owner);
            owners.Add(owner);
            await LargeResultAsync(cluster.At[(owner + 1) % 3], server);
            await ProgressAsync(cluster.Nodes[(owner + 1) % 3], server);
            await SessionOverFrontsAsync(cluster, server);
        }

        owners.Count.ShouldBeGreaterThan(1, "servers are spread over the nodes");
        await CachedForAllAsync(cluster, mocks);
        await CancelledAtAnotherFrontAsync(cluster, "legacy");
        await OneCircuitAsync(cluster, "child-a");
        await DrainedAsync(cluster, 2);
    }

    [Fact]
    public async Task Killed_node_gives_its_servers_to_the_others_and_its_permits_back()
    {
        await using var mocks = await Mocks.StartAsync();
        await using var cluster = await NodeCluster.StartAsync(3, mocks.Yaml());
        await cluster.UntilBalancedAsync();
        // Not the first one, which the cluster began with, so that what is seen is the servers' move and not only the coordinator's.
        var (server, victim) = await OwnedAsync(cluster, "child", node => node != 0);
        var (other, owner) = await OwnedAsync(cluster, "", node => node != victim);
        var front = Enumerable.Range(0, 3).Single(node => node != victim && node != owner);
        await cluster.UntilWorksAsync(front, server, Limit);
        var carried = cluster.At[victim].CallAsync(other, "slow", new { ms = 40_000 });
        await cluster.Nodes[front].WaitUntilAsync(async () => await InFlightAsync(cluster, front, other) == 1, "carrying", Limit);

        await cluster.Nodes[victim].KillAsync();
        // Asked while the node is dead and nobody has noticed: it waits for the take-over, not for its deadline.
        var took = await cluster.UntilWorksAsync(front, server, TimeSpan.FromSeconds(40));

        took.ShouldBeLessThan(TimeSpan.FromSeconds(20), "balanced: 12 s, and starting the process on a machine that does other things too");
        await cluster.Nodes[front].WaitUntilAsync(async () => await InFlightAsync(cluster, front, other) == 0, "free of what the dead node carried", Limit);
        (await cluster.OwnerAsync(front, server)).ShouldNotBe(victim);
        await cluster.UntilMembersAsync(front, 2);
        await Should.ThrowAsync<HttpRequestException>(carried);
    }

    [Fact]
    public async Task Node_that_is_told_to_stop_hands_its_servers_over()
    {
        await using var mocks = await Mocks.StartAsync();
        // Calls enter a node that owns nothing, and all between the nodes is mutual TLS.
        await using var cluster = await NodeCluster.StartProtectedAsync(3, mocks.Yaml(), "worker", "worker", "front");
        foreach (var server in Servers)
            await cluster.UntilWorksAsync(2, server, Limit);
        using var stopped = new CancellationTokenSource();
        var calls = CallOnAsync(cluster, stopped.Token);
        // Longer than the hand-over of its server: the process that it runs on stays until it has answered.
        var (process, _) = await OwnedAsync(cluster, "child", owner => owner == 1);
        var longOne = cluster.At[2].CallAsync(process, "slow", new { ms = 14_000 });
        await cluster.Nodes[2].WaitUntilAsync(async () => await InFlightAsync(cluster, 2, process) >= 1, "calling", Limit);

        var code = await cluster.Nodes[1].StopAsync();
        var (status, body) = await longOne;
        status.ShouldBe(HttpStatusCode.OK, body?.ToJsonString() + cluster.Nodes[1].Output);
        await cluster.UntilMembersAsync(2, 2);
        foreach (var server in Servers)
            (await cluster.UntilWorksAsync(2, server, Limit)).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        await stopped.CancelAsync();

        code.ShouldBe(0, cluster.Nodes[1].Output);
        var failed = await calls;
        failed.ShouldBeEmpty();
        foreach (var server in Servers)
            (await cluster.OwnerAsync(2, server)).ShouldBe(0);
    }

    private static async Task<List<string>> CallOnAsync(NodeCluster cluster, CancellationToken stop)
    {
        var failed = new List<string>();
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var server = Servers[i % Servers.Length];
            var (status, body) = await cluster.At[2].CallAsync(server, "echo", new { message = "on" });
            if (status != HttpStatusCode.OK)
                failed.Add($"{server}: {status} {body?.ToJsonString()}");
        }

        return failed;
    }

    private static async Task LargeResultAsync(GatewayHttp caller, string server)
    {
        var (status, body) = await caller.CallAsync(server, "big", new { bytes = TenMegabytes });
        status.ShouldBe(HttpStatusCode.OK);
        ((string?)body!["content"]![0]!["text"])!.Length.ShouldBe(TenMegabytes);
    }

    private static async Task ProgressAsync(GatewayProcess front, string server)
    {
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = front.Mcp(server) }));
        var seen = new List<float>();
        await client.CallToolAsync("progress", new Dictionary<string, object?> { ["n"] = 5, ["ms"] = 200 }, new Steps(seen));
        seen.Count.ShouldBeGreaterThanOrEqualTo(3, server);
    }

    private static async Task SessionOverFrontsAsync(NodeCluster cluster, string server)
    {
        var session = await cluster.At[0].OpenSessionAsync(server);
        foreach (var caller in cluster.At)
        {
            var (status, message) = await caller.RequestAsync(server, session, "tools/call", """{"name":"echo","arguments":{"message":"same"}}""");
            status.ShouldBe(HttpStatusCode.OK);
            ((string?)message!["result"]?["content"]?[0]?["text"]).ShouldBe("same", message.ToJsonString());
        }
    }

    /// <summary>Too large for a message between nodes, both on its way to the owner's cache and from there.</summary>
    private static async Task CachedForAllAsync(NodeCluster cluster, Mocks mocks)
    {
        (await cluster.At[0].CallAsync("cached", "echo", new { message = "start" })).Status.ShouldBe(HttpStatusCode.OK);
        var owner = await cluster.OwnerAsync(0, "cached");
        foreach (var node in (int[])[(owner + 1) % 3, (owner + 2) % 3, owner])
        {
            var (status, body) = await cluster.At[node].CallAsync("cached", "big", new { bytes = 300_000 });
            status.ShouldBe(HttpStatusCode.OK, body?.ToJsonString());
            ((string?)body!["content"]![0]!["text"])!.Length.ShouldBe(300_000);
            // The result is fetched by the owner behind the answer.
            await cluster.Nodes[owner].WaitUntilAsync(async () => await InFlightAsync(cluster, owner, "cached") == 0, "done", Limit);
        }

        mocks.Cached.Ledger.CountOf("tools/call").ShouldBe(2, "the first call, and the one that was cached for all");
    }

    private static async Task CancelledAtAnotherFrontAsync(NodeCluster cluster, string server)
    {
        var session = await cluster.At[0].OpenSessionAsync(server);
        var call = cluster.At[0].RequestAsync(server, session, "tools/call", """{"name":"slow","arguments":{"ms":50000}}""");
        await cluster.Nodes[0].WaitUntilAsync(async () => await InFlightAsync(cluster, 0, server) == 1, "calling", Limit);

        (await cluster.At[1].NotifyAsync(server, session, "notifications/cancelled", """{"requestId":"r-1"}""")).ShouldBe(HttpStatusCode.Accepted);

        await cluster.Nodes[0].WaitUntilAsync(async () => await InFlightAsync(cluster, 0, server) == 0, "told of the cancellation", TimeSpan.FromSeconds(10));
        await call;
    }

    private static async Task OneCircuitAsync(NodeCluster cluster, string server)
    {
        (await cluster.At[1].OperateAsync(HttpMethod.Put, $"/api/v1/servers/{server}/circuit", new { mode = "forcedOpen", reason = "maintenance", ttl = "30m" })).Status.ShouldBe(HttpStatusCode.OK);
        foreach (var caller in cluster.At)
        {
            ((string?)(await caller.StateAsync($"/api/v1/servers/{server}"))["circuit"]!["mode"]).ShouldBe("forcedOpen");
            (await caller.CallAsync(server, "echo")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
    }

    private static async Task DrainedAsync(NodeCluster cluster, int node)
    {
        var shards = (await cluster.At[0].StateAsync("/cluster/shards/server"))["regions"]!.AsArray();
        shards.Select(shard => (string?)shard!["node"]).Distinct().Count().ShouldBeGreaterThan(1);
        var self = (string)(await cluster.At[node].StateAsync("/cluster/members"))["selfNode"]!;
        (await cluster.At[0].OperateAsync(HttpMethod.Put, $"/cluster/members/{self[(self.IndexOf('@') + 1)..]}?operation=leave")).Status.ShouldBe(HttpStatusCode.OK);
        (await cluster.Nodes[node].ExitAsync()).ShouldBe(0, cluster.Nodes[node].Output);
        await cluster.UntilMembersAsync(0, cluster.Nodes.Count - 1);
    }

    private static async Task<(string Server, int Owner)> OwnedAsync(NodeCluster cluster, string preferred, Func<int, bool> by)
    {
        foreach (var server in Servers.OrderByDescending(name => name.StartsWith(preferred, StringComparison.Ordinal)))
        {
            await cluster.UntilWorksAsync(0, server, Limit);
            if (await cluster.OwnerAsync(0, server) is var owner && by(owner))
                return (server, owner);
        }

        throw new InvalidOperationException("No server is owned as the test needs it.");
    }

    private static async Task<int> InFlightAsync(NodeCluster cluster, int node, string server) =>
        (int)(await cluster.At[node].StateAsync($"/api/v1/servers/{server}"))["inFlight"]!;

    /// <summary>Notes progress where it is told, on the reading thread, so that nothing is late.</summary>
    private sealed class Steps(List<float> seen) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value)
        {
            lock (seen)
            {
                seen.Add(value.Progress);
            }
        }
    }

    /// <summary>A server of each kind.</summary>
    private sealed class Mocks(MockMcpServer modern, MockMcpServer legacy, MockMcpServer dual, MockMcpServer cached) : IAsyncDisposable
    {
        public MockMcpServer Cached => cached;

        public static async Task<Mocks> StartAsync() => new(
            await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728 }),
            await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 }),
            await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.Dual }),
            await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728 }));

        public string Yaml()
        {
            var child = new JsonObject
            {
                ["command"] = MockServerProgram.Path,
                ["args"] = new JsonArray([.. MockServerProgram.Stdio("2025-11-25").Select(argument => (JsonNode)argument)]),
            }.ToJsonString();
            return $$"""
                servers:
                  modern: { url: "{{modern.Url}}" }
                  legacy: { url: "{{legacy.Url}}" }
                  dual: { url: "{{dual.Url}}" }
                  cached: { url: "{{cached.Url}}", isolation: shared, tools: { big: { effect: readOnly, cache: { ttl: 10m } } } }
                  child-a: {{child}}
                  child-b: {{child}}
                  child-c: {{child}}
                """;
        }

        public async ValueTask DisposeAsync()
        {
            await modern.DisposeAsync();
            await legacy.DisposeAsync();
            await dual.DisposeAsync();
            await cached.DisposeAsync();
        }
    }
}
