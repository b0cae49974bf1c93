using System.Net;
using McpActors.EndToEnd.Tests.Reliability;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.MultiNode;

/// <summary>Replicas behind several nodes: whichever node takes a call, all replicas share the calls, with and without sessions.</summary>
public sealed class ReplicaClusterTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<MockReplica> _replicas = [];

    [Fact]
    public async Task Whichever_node_takes_a_call_all_replicas_share_it_and_one_that_dies_costs_none()
    {
        var modern = await StartAsync("modern", "2026-07-28");
        // Without it the sessions of callers who have none are one for each principal, and live at one replica.
        var legacy = await StartAsync("legacy", "2025-11-25", "isolation: shared, ");
        await using var cluster = await NodeCluster.StartAsync(2, $"servers:\n{modern}{legacy}");
        await CallAllAsync(cluster, "echo");
        foreach (var server in (string[])["modern", "legacy"])
        {
            await cluster.Nodes[0].WaitUntilAsync(
                async () => (await cluster.At[0].StateAsync($"/api/v1/servers/{server}"))["connections"]!.AsArray().Count(connection => (string?)connection!["state"] == "ready") == 2,
                $"connected to all of {server}", TimeSpan.FromSeconds(30));
        }

        await CallAllAsync(cluster, "counter");
        _replicas.Select(replica => replica.Effects.Count(effect => effect.Tool == "counter")).ShouldAllBe(count => count >= 8 && count <= 16);

        await _replicas[0].KillAsync();
        await _replicas[2].KillAsync();
        await CallAllAsync(cluster, "echo");

        foreach (var server in (string[])["modern", "legacy"])
        {
            var state = await cluster.At[0].StateAsync($"/api/v1/servers/{server}");
            ((string)state["circuit"]!["state"]!).ShouldBe("closed");
        }

        var session = await cluster.At[0].OpenSessionAsync("legacy");
        for (var node = 0; node < 2; node++)
        {
            var (status, message) = await cluster.At[node].RequestAsync("legacy", session, "tools/call", """{"name":"whoami","arguments":{}}""");
            status.ShouldBe(HttpStatusCode.OK);
            ((string)message!["result"]!["structuredContent"]!["name"]!).ShouldBe("legacy-1");
        }
    }

    [Fact]
    public async Task Replica_that_fails_a_little_at_each_node_is_left_out_by_both_though_calls_go_under_a_lease()
    {
        var modern = await StartAsync("modern", "2026-07-28", replicas: 3);
        await using var cluster = await NodeCluster.StartAsync(2, $"servers:\n{modern}");
        await CallBothUntilAsync(cluster, "echo", async () => await LeasedAsync(cluster) > 10, "under a lease");
        await CallBothUntilAsync(cluster, "counter", async () => await LeasedAsync(cluster) > 20 && _replicas.TrueForAll(replica => replica.Effects.Count > 0), "at all replicas");

        await _replicas[1].ControlAsync("fault", """{"kind":"Status","status":503,"tool":"echo"}""");
        await CallBothUntilAsync(cluster, "echo", async () => await StateAsync(cluster, 1) == "ejected", "without the bad one");
        await _replicas[1].ControlAsync("clear", "{}");

        // It is well again, and its time is not over: who calls it now has not heard that it is left out.
        for (var node = 0; node < 2; node++)
        {
            await cluster.Nodes[node].WaitUntilAsync(
                async () =>
                {
                    var before = _replicas[1].Effects.Count;
                    for (var i = 0; i < 12; i++)
                        (await cluster.At[node].CallAsync("modern", "counter", new { token = $"t{i}" })).Status.ShouldBe(HttpStatusCode.OK);
                    return _replicas[1].Effects.Count == before && await StateAsync(cluster, 1) == "ejected";
                },
                "leaving it out",
                TimeSpan.FromSeconds(25));
        }

        (await LeasedAsync(cluster)).ShouldBeGreaterThan(30, "the calls of the node that does not own the server went under its lease");
        ((string)(await cluster.At[0].StateAsync("/api/v1/servers/modern"))["circuit"]!["state"]!).ShouldBe("closed");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    private static async Task CallAllAsync(NodeCluster cluster, string tool)
    {
        foreach (var server in (string[])["modern", "legacy"])
        {
            for (var i = 0; i < 24; i++)
            {
                var (status, body) = await cluster.At[i % 2].CallAsync(server, tool, new { token = $"{server}-{i}", message = "m" });
                status.ShouldBe(HttpStatusCode.OK, $"{server} by node {i % 2}: {body?.ToJsonString()}");
            }
        }
    }

    private static async Task<string> StateAsync(NodeCluster cluster, int replica) =>
        (string)(await cluster.At[0].StateAsync("/api/v1/servers/modern"))["replicas"]![replica]!["state"]!;

    /// <summary>Calls that went under leases so far.</summary>
    private static async Task<double> LeasedAsync(NodeCluster cluster)
    {
        using var http = new HttpClient();
        var sum = 0.0;
        foreach (var node in cluster.Nodes)
        {
            var lines = (await http.GetStringAsync(new Uri(node.Management, "/metrics"))).Split('\n');
            sum += lines.Where(line => line.StartsWith("mcpactors_lease_calls_total{", StringComparison.Ordinal))
                .Sum(line => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        }

        return sum;
    }

    private static Task CallBothUntilAsync(NodeCluster cluster, string tool, Func<Task<bool>> condition, string what) => cluster.Nodes[0].WaitUntilAsync(
        async () =>
        {
            for (var i = 0; i < 6; i++)
                await cluster.At[i % 2].CallAsync("modern", tool, new { token = $"{what}-{i}", message = "m" });
            return await condition();
        },
        what,
        TimeSpan.FromMinutes(2));

    private async Task<string> StartAsync(string server, string protocol, string more = "", int replicas = 2)
    {
        var endpoints = new List<string>();
        for (var i = 0; i < replicas; i++)
        {
            _replicas.Add(await MockReplica.StartAsync($"{server}-{i}", protocol, _folder));
            endpoints.Add($"{{ url: \"{_replicas[^1].Url}\" }}");
        }

        return $"  {server}: {{ endpoints: [ {string.Join(", ", endpoints)} ], {more}tools: {{ echo: {{ effect: readOnly }} }} }}\n";
    }
}
