using System.Net;
using McpActors.MockServer;

namespace McpActors.EndToEnd.Tests.MultiNode;

/// <summary>A node that leaves while calls that came in at another one use a session which it opened.</summary>
[Collection(Alone.Name)]
public sealed class LeavingTests
{
    private static readonly string[] Servers = ["one", "two", "three", "four"];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Node_keeps_a_session_for_calls_of_others_and_is_gone_soon_after_the_last_one()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        // Calls enter a node that owns nothing.
        await using var cluster = await NodeCluster.StartAsync(3, Yaml(mock), "worker", "worker", "front");
        var server = await OwnedByAsync(cluster, 1);
        mock.Behaviour.Add(Fault.Hold("gate").OnTool("counter"));
        var before = mock.Ledger.CountOf("tools/call");
        var call = cluster.At[2].CallAsync(server, "counter");
        await mock.Ledger.WaitUntilAsync(ledger => ledger.CountOf("tools/call") > before, Limit);

        var exit = cluster.Nodes[1].StopAsync();
        // Its actor has moved, and the session is left to the call.
        await cluster.Nodes[2].WaitUntilAsync(() => Task.FromResult(cluster.Nodes[1].Output.Contains("is left to the calls on it", StringComparison.Ordinal)), "left behind", Limit);
        await cluster.UntilWorksAsync(2, server, Limit);
        exit.IsCompleted.ShouldBeFalse(cluster.Nodes[1].Output);
        call.IsCompleted.ShouldBeFalse();
        mock.Behaviour.Release();

        var (status, body) = await call;
        status.ShouldBe(HttpStatusCode.OK, body?.ToJsonString() + cluster.Nodes[1].Output);
        // Its deadline is a minute, and so is the time for draining.
        (await exit.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0, cluster.Nodes[1].Output);
        await cluster.UntilMembersAsync(2, 2);
    }

    private static string Yaml(MockMcpServer mock) => $$"""
        servers: { {{string.Join(", ", Servers.Select(server => $"{server}: {{ url: \"{mock.Url}\" }}"))}} }
        """;

    private static async Task<string> OwnedByAsync(NodeCluster cluster, int owner)
    {
        string? owned = null;
        foreach (var server in Servers)
        {
            await cluster.UntilWorksAsync(2, server, Limit);
            owned = await cluster.OwnerAsync(2, server) == owner ? server : owned;
        }

        return owned ?? throw new InvalidOperationException($"Node {owner} owns no server.");
    }
}
