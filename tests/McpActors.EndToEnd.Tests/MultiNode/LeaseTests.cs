using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using McpActors.MockServer;

namespace McpActors.EndToEnd.Tests.MultiNode;

/// <summary>Real processes: calls of a server without state are admitted where they come in, and need its owner neither to be near nor to be alive.</summary>
[Collection(Alone.Name)]
public sealed class LeaseTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>From an order's answer, or a state that was read, until each node refuses: a second, and some room for a machine that does other things too.</summary>
    private static readonly TimeSpan ReachTime = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task Owner_that_is_killed_under_steady_calls_costs_no_call_and_its_circuit_reaches_every_node_within_a_second()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728 });
        var servers = Enumerable.Range(0, 6).Select(i => $"m{i}").ToArray();
        var yaml = "servers:\n" + string.Concat(servers.Select(id => $"  {id}: {{ url: \"{mock.Url}\", tools: {{ counter: {{ effect: write }} }} }}\n"));
        await using var cluster = await NodeCluster.StartAsync(3, yaml);
        await cluster.UntilBalancedAsync();
        var (server, owner) = await OwnedElsewhereAsync(cluster, servers);
        int[] others = [.. Enumerable.Range(0, 3).Where(node => node != owner)];

        await OrderReachesAllAsync(cluster, server, others);
        await TripReachesAllAsync(cluster, mock, server, others);
        await UntilLeasedAsync(cluster, server, others);
        var failed = await KillUnderCallsAsync(cluster, server, owner, others);

        failed.ShouldBeEmpty();
        (await cluster.OwnerAsync(others[0], server)).ShouldNotBe(owner);
    }

    private static async Task OrderReachesAllAsync(NodeCluster cluster, string server, int[] nodes)
    {
        await UntilLeasedAsync(cluster, server, nodes);
        (await cluster.At[nodes[0]].OperateAsync(HttpMethod.Put, $"/api/v1/servers/{server}/circuit", new { mode = "forcedOpen", reason = "maintenance", ttl = "30m" })).Status.ShouldBe(HttpStatusCode.OK);
        await UntilRefusedAsync(cluster, server, nodes, "maintenance");
        (await cluster.At[nodes[1]].OperateAsync(HttpMethod.Post, $"/api/v1/servers/{server}/circuit/reset")).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task TripReachesAllAsync(NodeCluster cluster, MockMcpServer mock, string server, int[] nodes)
    {
        await UntilLeasedAsync(cluster, server, nodes);
        mock.Behaviour.Add(new Fault { Kind = FaultKind.Status, Status = 500, Tool = "add" });
        // Five in a row, as the owner hears them: what the other node is late to say of its good calls may come between, once.
        var failed = 0;
        await cluster.Nodes[nodes[0]].WaitUntilAsync(
            async () =>
            {
                (await cluster.At[nodes[0]].CallAsync(server, "add", new { a = 1, b = 2 })).Status.ShouldNotBe(HttpStatusCode.OK);
                (++failed).ShouldBeLessThanOrEqualTo(10);
                return (string?)(await cluster.At[nodes[0]].StateAsync($"/api/v1/servers/{server}"))["circuit"]!["state"] == "open";
            },
            "with an open circuit",
            Limit);
        await UntilRefusedAsync(cluster, server, nodes, "failures in a row");
        mock.Behaviour.Clear();
        (await cluster.At[nodes[1]].OperateAsync(HttpMethod.Post, $"/api/v1/servers/{server}/circuit/reset")).Status.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Calls enter the other nodes until some time after the server has its new owner; what failed of them.</summary>
    private static async Task<List<string>> KillUnderCallsAsync(NodeCluster cluster, string server, int owner, int[] nodes)
    {
        using var stop = new CancellationTokenSource();
        var failed = new List<string>();
        var calls = nodes.Select(node => CallOnAsync(cluster, node, server, failed, stop.Token)).ToList();

        await cluster.Nodes[owner].KillAsync();
        await cluster.Nodes[nodes[0]].WaitUntilAsync(
            async () => await TryOwnerAsync(cluster, nodes[0], server) is { } now && now != owner, "with a new owner of the server", TimeSpan.FromSeconds(60));
        var next = await cluster.OwnerAsync(nodes[0], server);
        await UntilLeasedAsync(cluster, server, [.. nodes.Where(node => node != next)]);
        await stop.CancelAsync();

        (await Task.WhenAll(calls)).Min().ShouldBeGreaterThan(50, "calls went on at each node");
        return failed;
    }

    private static async Task<int> CallOnAsync(NodeCluster cluster, int node, string server, List<string> failed, CancellationToken stop)
    {
        var made = 0;
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!stop.IsCancellationRequested)
        {
            var (status, body) = await cluster.At[node].CallAsync(server, "counter");
            made++;
            if (status != HttpStatusCode.OK)
            {
                lock (failed)
                {
                    failed.Add($"node {node} after {watch.Elapsed.TotalSeconds:0.0} s: {status} {body?.ToJsonString()}");
                }
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return made;
    }

    private static async Task<int?> TryOwnerAsync(NodeCluster cluster, int node, string server)
    {
        try
        {
            var owner = await cluster.OwnerAsync(node, server);
            return owner < 0 ? null : owner;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Calls at these nodes until each admits by itself what it is given.</summary>
    private static async Task UntilLeasedAsync(NodeCluster cluster, string server, int[] nodes)
    {
        foreach (var node in nodes)
        {
            var seen = double.MaxValue;
            await cluster.Nodes[node].WaitUntilAsync(
                async () =>
                {
                    // What was called the last time is in the metrics by now.
                    var before = seen;
                    seen = await LeasedCallsAsync(cluster, node, server);
                    if (seen >= before + 3)
                        return true;
                    foreach (var tool in (string[])["counter", "echo", "add"])
                        await cluster.At[node].CallAsync(server, tool, new { a = 1, b = 2, message = "x" });
                    return false;
                },
                "with a lease",
                Limit);
        }
    }

    private static async Task<double> LeasedCallsAsync(NodeCluster cluster, int node, string server)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri(cluster.Nodes[node].Management, "/metrics"));
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith($"mcpactors_lease_calls_total{{server=\"{server}\"}}", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task UntilRefusedAsync(NodeCluster cluster, string server, int[] nodes, string reason)
    {
        var watch = Stopwatch.StartNew();
        foreach (var node in nodes)
        {
            JsonNode? body = null;
            await cluster.Nodes[node].WaitUntilAsync(
                async () =>
                {
                    (var status, body) = await cluster.At[node].CallAsync(server, "echo", new { message = "x" });
                    return status == HttpStatusCode.ServiceUnavailable && body!.ToJsonString().Contains(reason, StringComparison.Ordinal);
                },
                "refusing calls",
                ReachTime - watch.Elapsed);
        }

        watch.Elapsed.ShouldBeLessThan(ReachTime);
    }

    private static async Task<(string Server, int Owner)> OwnedElsewhereAsync(NodeCluster cluster, string[] servers)
    {
        foreach (var server in servers)
        {
            await cluster.UntilWorksAsync(0, server, Limit);
            // Not the first node, which the cluster began with: its loss is also the coordinator's.
            if (await cluster.OwnerAsync(0, server) is var owner and not 0)
                return (server, owner);
        }

        throw new InvalidOperationException("The first node owns every server.");
    }
}
