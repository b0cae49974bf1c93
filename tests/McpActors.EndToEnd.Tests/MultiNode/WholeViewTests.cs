using System.Net;
using System.Text.Json.Nodes;
using McpActors.MockServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.MultiNode;

/// <summary>Real processes: each of them shows the whole cluster, and looking changes nothing.</summary>
public sealed class WholeViewTests
{
    [Fact]
    public async Task Every_node_shows_all_nodes_servers_and_sessions_and_ends_those_of_others()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        await using var cluster = await NodeCluster.StartAsync(3, $$"""
            servers: { one: { url: "{{mock.Url}}" }, two: { url: "{{mock.Url}}" }, three: { url: "{{mock.Url}}" }, four: { url: "{{mock.Url}}" }, five: { command: "{{MockServerProgram.Path}}", args: [--stdio] } }
            """);

        await LookingStartsNothingAsync(cluster);
        await cluster.UntilWorksAsync(1, "one", TimeSpan.FromSeconds(30));
        await cluster.UntilWorksAsync(1, "two", TimeSpan.FromSeconds(30));
        await StatusIsTheSameEverywhereAsync(cluster);
        await ToolsAreTheSameEverywhereAsync(cluster);
        await SessionsAsync(cluster);
    }

    private static async Task LookingStartsNothingAsync(NodeCluster cluster)
    {
        foreach (var node in cluster.At)
        {
            var servers = (await node.StateAsync("/api/v1/servers"))["servers"]!.AsArray();
            servers.ShouldAllBe(server => (string?)server!["state"] == "idle");
            await node.StateAsync("/api/v1/servers/three");
            await node.StateAsync("/api/v1/status");
        }

        var shards = (await cluster.At[2].StateAsync("/cluster/shards/server"))["regions"]!.AsArray();
        shards.SelectMany(shard => shard!["entities"]!.AsArray()).Select(entity => (string?)entity).ShouldNotContain("three");
    }

    private static async Task StatusIsTheSameEverywhereAsync(NodeCluster cluster)
    {
        var owners = new HashSet<string?>();
        foreach (var node in cluster.At)
        {
            var status = await node.StateAsync("/api/v1/status");
            var nodes = status["nodes"]!.AsArray();
            nodes.Count.ShouldBe(3);
            nodes.ShouldAllBe(one => (string?)one!["state"] == "ok" && (bool)one["reachable"]! && one["version"] != null, nodes.ToJsonString());
            nodes.Count(one => (bool)one!["leader"]!).ShouldBe(1);
            nodes.Sum(one => (int)one!["servers"]!).ShouldBeGreaterThanOrEqualTo(2);
            var one = status["servers"]!.AsArray().Single(server => (string?)server!["id"] == "one")!;
            ((string?)one["state"]).ShouldBe("ready");
            owners.Add((string?)one["node"]);
            (await node.StateAsync("/cluster/singletons"))["singletons"]!.AsArray().ShouldAllBe(singleton => singleton!["node"] != null);
        }

        owners.Count.ShouldBe(1);
    }

    private static async Task ToolsAreTheSameEverywhereAsync(NodeCluster cluster)
    {
        var without = await cluster.At[2].StateAsync("/api/v1/tools?limit=1000");
        without["notAsked"]!.AsArray().Select(server => (string?)server!["server"]).ShouldBe(["five"]);
        Servers(without).ShouldBe(["four", "one", "three", "two"]);

        await cluster.At[0].StateAsync("/api/v1/tools?server=five");

        // Each asks the node that owns its actor.
        foreach (var node in cluster.At)
        {
            var all = await node.StateAsync("/api/v1/tools?limit=1000");
            all["notAsked"]!.AsArray().ShouldBeEmpty();
            all["unavailable"]!.AsArray().ShouldBeEmpty();
            Servers(all).ShouldBe(["five", "four", "one", "three", "two"]);
        }

        static IEnumerable<string?> Servers(JsonNode page) => page["tools"]!.AsArray().Select(tool => (string?)tool!["server"]).Distinct();
    }

    private static async Task SessionsAsync(NodeCluster cluster)
    {
        var id = await cluster.At[0].OpenSessionAsync("one");
        await cluster.At[1].OpenSessionAsync();
        await cluster.At[1].RequestAsync("one", id, "ping", "{}");
        JsonNode? shown = null;
        for (var node = 0; node < 3; node++)
        {
            var page = await cluster.At[node].StateAsync("/api/v1/sessions");
            page.ToJsonString().ShouldNotContain(id);
            page["silent"]!.AsArray().ShouldBeEmpty();
            page["sessions"]!.AsArray().Count.ShouldBe(2);
            shown = page["sessions"]!.AsArray().Single(session => (string?)session!["endpoint"] == "/mcp/one")!;
            shown["owner"].ShouldNotBeNull();
        }

        (await cluster.At[2].OperateAsync(HttpMethod.Delete, $"/api/v1/sessions/{shown!["id"]}")).Status.ShouldBe(HttpStatusCode.OK);
        for (var node = 0; node < 3; node++)
        {
            // The news reaches the other fronts within a moment.
            await cluster.Nodes[node].WaitUntilAsync(
                async () => (await cluster.At[node].RequestAsync("one", id, "ping", "{}")).Status == HttpStatusCode.NotFound, "told of the end", TimeSpan.FromSeconds(10));
        }

        (await cluster.At[0].StateAsync("/api/v1/sessions"))["sessions"]!.AsArray().Count.ShouldBe(1);
    }
}
