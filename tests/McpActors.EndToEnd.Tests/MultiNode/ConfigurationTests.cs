using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using McpActors.MockServer;

namespace McpActors.EndToEnd.Tests.MultiNode;

/// <summary>Real processes with files that differ: the configuration has one owner.</summary>
public sealed class ConfigurationTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task File_of_one_node_counts_for_all_until_another_one_is_given_and_a_bad_one_for_none()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var cluster = await NodeCluster.StartAsync(3, Yaml(mock, "a"));
        await UntilAsync(cluster, 0, node => node is ["1", "inStep"], 3);

        await cluster.WriteAsync(1, Yaml(mock, "a", "b"));
        var (status, reload) = await cluster.At[1].OperateAsync(HttpMethod.Post, "/api/v1/config/reload");

        status.ShouldBe(HttpStatusCode.OK, reload?.ToJsonString());
        ((int?)reload!["revision"]).ShouldBe(2);
        reload["nodes"]!.AsArray().Count.ShouldBe(3);
        foreach (var node in (int[])[0, 1, 2])
            (await cluster.At[node].CallAsync("b", "echo", new { message = "new" })).Status.ShouldBe(HttpStatusCode.OK, "a reload answers when all nodes have taken it");
        ((string?)(await ConfigAsync(cluster, 0))["state"]).ShouldBe("fileDiffers");
        ((string?)(await ConfigAsync(cluster, 1))["state"]).ShouldBe("inStep");

        await BadFileAsync(cluster);
        await OldNodeComesBackAsync(cluster);
        await OrderedBackAsync(cluster, mock);
    }

    [Fact]
    public async Task Node_that_lacks_what_a_revision_needs_keeps_the_last_good_one_and_says_so()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var cluster = await NodeCluster.StartAsync(2, Yaml(mock, "a"));
        await File.WriteAllTextAsync(Path.Combine(cluster.Nodes[0].Folder, "token.txt"), "very-secret");

        await cluster.WriteAsync(0, $$"""servers: { a: { url: "{{mock.Url}}", headers: { X-Token: "${file:token.txt}" } }, b: { url: "{{mock.Url}}" } }""");
        var (status, reload) = await cluster.At[0].OperateAsync(HttpMethod.Post, "/api/v1/config/reload");

        status.ShouldBe(HttpStatusCode.OK, reload?.ToJsonString());
        await UntilAsync(cluster, 0, node => node is ["2", "unreadable"], 1);
        var there = await ConfigAsync(cluster, 1);
        ((string?)there["reason"]).ShouldNotBeNull().ShouldContain("token.txt does not exist");
        there.ToJsonString().ShouldNotContain("very-secret");
        var ready = await cluster.At[1].StateAsync("/ready");
        ((string?)ready["status"]).ShouldBe("degraded");
        ready["checks"]!.AsArray().Single(check => (string?)check!["name"] == "configuration")!["reason"]!.ToString().ShouldContain("revision 2");
        (await cluster.At[1].CallAsync("a", "echo", new { message = "old" })).Status.ShouldBe(HttpStatusCode.OK);
        (await cluster.At[1].CallAsync("b", "echo")).Status.ShouldBe(HttpStatusCode.NotFound);

        await File.WriteAllTextAsync(Path.Combine(cluster.Nodes[1].Folder, "token.txt"), "another");
        await UntilAsync(cluster, 0, node => node is ["2", "fileDiffers"], 1);
        (await cluster.At[1].CallAsync("b", "echo", new { message = "new" })).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_entered_at_run_time_counts_in_all_nodes_within_a_second_and_survives_a_full_stop()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var cluster = await NodeCluster.StartAsync(2, Yaml(mock, "a", "b"));

        (await cluster.At[1].OperateAsync(HttpMethod.Put, "/api/v1/servers/added", new { url = mock.Url, headers = new Dictionary<string, string> { ["X-Custom"] = "very-secret" } })).Status
            .ShouldBe(HttpStatusCode.Created);
        var watch = Stopwatch.StartNew();
        await cluster.Nodes[0].WaitUntilAsync(async () => (await cluster.At[0].OperateAsync(HttpMethod.Get, "/api/v1/servers/added")).Status == HttpStatusCode.OK, "with the new server", Limit);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        (await cluster.At[0].CallAsync("added", "echo", new { message = "new" })).Status.ShouldBe(HttpStatusCode.OK);
        (await cluster.At[0].OperateAsync(HttpMethod.Post, "/api/v1/servers/a/disable")).Status.ShouldBe(HttpStatusCode.OK);
        (await cluster.At[0].OperateAsync(HttpMethod.Delete, "/api/v1/servers/b")).Status.ShouldBe(HttpStatusCode.OK);
        (await ConfigAsync(cluster, 1)).ToJsonString().ShouldNotContain("very-secret");

        foreach (var node in cluster.Nodes)
            await node.KillAsync();
        foreach (var node in cluster.Nodes)
            await node.StartAsync();

        for (var node = 0; node < 2; node++)
        {
            (await cluster.At[node].CallAsync("added", "echo", new { message = "again" })).Status.ShouldBe(HttpStatusCode.OK);
            ((string?)(await cluster.At[node].StateAsync("/api/v1/servers/a"))["state"]).ShouldBe("disabled");
            (await cluster.At[node].OperateAsync(HttpMethod.Get, "/api/v1/servers/b")).Status.ShouldBe(HttpStatusCode.NotFound);
        }

        (await cluster.At[1].OperateAsync(HttpMethod.Post, "/api/v1/servers/a/enable")).Status.ShouldBe(HttpStatusCode.OK);
        (await cluster.At[1].CallAsync("a", "echo", new { message = "again" })).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Revision_of_ten_thousand_servers_reaches_a_node_that_joins()
    {
        await using var mock = await MockMcpServer.StartAsync();
        await using var cluster = await NodeCluster.StartAsync(1, Yaml(mock, "a"));
        await cluster.WriteAsync(0, Yaml(mock, [.. Enumerable.Range(0, 10_000).Select(i => $"s{i}")]));
        var (status, reload) = await cluster.At[0].OperateAsync(HttpMethod.Post, "/api/v1/config/reload");
        status.ShouldBe(HttpStatusCode.OK, reload?.ToJsonString());

        // With a file that the cluster had before, so that it brings nothing new.
        await cluster.JoinAsync(Yaml(mock, "a"));

        await UntilAsync(cluster, 1, node => node is ["2", "fileDiffers"], 1);
        (await cluster.At[1].CallAsync("s9999", "echo", new { message = "far" })).Status.ShouldBe(HttpStatusCode.OK);
        (await cluster.At[1].CallAsync("a", "echo")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task BadFileAsync(NodeCluster cluster)
    {
        await cluster.WriteAsync(2, "servers: { c: { url: 7, nonsense: true } }");
        var (status, refused) = await cluster.At[2].OperateAsync(HttpMethod.Post, "/api/v1/config/reload");
        status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused!["faults"]!.AsArray().Count.ShouldBe(2);
        foreach (var node in (int[])[0, 1, 2])
        {
            ((int?)(await ConfigAsync(cluster, node))["revision"]).ShouldBe(2);
            (await cluster.At[node].CallAsync("b", "echo", new { message = "still" })).Status.ShouldBe(HttpStatusCode.OK);
        }
    }

    private static async Task OldNodeComesBackAsync(NodeCluster cluster)
    {
        await cluster.Nodes[2].KillAsync();
        await cluster.WriteAsync(2, cluster.Yaml);
        await cluster.Nodes[2].StartAsync();
        await cluster.UntilMembersAsync(0, 3);

        await UntilAsync(cluster, 2, node => node is ["2", "fileDiffers"], 2);
        (await cluster.At[2].CallAsync("b", "echo", new { message = "still" })).Status.ShouldBe(HttpStatusCode.OK);
        var diff = await cluster.At[2].StateAsync("/api/v1/config/diff");
        ((bool?)diff["drift"]).ShouldBe(true);
        diff["removed"]!.AsArray().Select(id => (string?)id).ShouldBe(["b"]);
    }

    private static async Task OrderedBackAsync(NodeCluster cluster, MockMcpServer mock)
    {
        var (_, reload) = await cluster.At[2].OperateAsync(HttpMethod.Post, "/api/v1/config/reload");
        ((bool?)reload!["isNew"]).ShouldBe(true);
        ((int?)reload["revision"]).ShouldBe(3);
        foreach (var caller in cluster.At)
            (await caller.CallAsync("b", "echo")).Status.ShouldBe(HttpStatusCode.NotFound);

        // The watcher of a node finds a change too, without an order.
        await cluster.WriteAsync(0, Yaml(mock, "a", "c"));
        await UntilAsync(cluster, 1, node => node is ["4", _], 3);
        (await cluster.At[1].CallAsync("c", "echo", new { message = "watched" })).Status.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Waits until so many nodes, as one of them says, are at a revision and in a state.</summary>
    private static Task UntilAsync(NodeCluster cluster, int asked, Func<string?[], bool> matches, int count) => cluster.Nodes[asked].WaitUntilAsync(
        async () => (await ConfigAsync(cluster, asked))["nodes"]!.AsArray().Count(node => matches([node!["revision"]?.ToString(), (string?)node["state"]])) == count,
        $"with {count} nodes as they should be",
        Limit);

    private static Task<JsonNode> ConfigAsync(NodeCluster cluster, int node) => cluster.At[node].StateAsync("/api/v1/config");

    private static string Yaml(MockMcpServer mock, params string[] servers) =>
        "servers:\n" + string.Concat(servers.Select(id => $"  {id}: {{ url: \"{mock.Url}\" }}\n"));
}
