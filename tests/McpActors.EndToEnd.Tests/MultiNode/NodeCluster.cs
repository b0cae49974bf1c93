using System.Diagnostics;
using System.Text.Json.Nodes;
using McpActors.EndToEnd.Tests.Reliability;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.MultiNode;

/// <summary>Several gateway processes on one store that form a cluster by seeds, and a caller at each.</summary>
internal sealed class NodeCluster : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int[] _ports;
    private readonly List<GatewayProcess> _nodes = [];
    private readonly List<GatewayHttp> _callers = [];

    private string _tls = "";

    // One more than it starts with, for a node that joins.
    private NodeCluster(int count, string yaml) => (_ports, Yaml) = (FreePorts.Take(count + 1), yaml);

    /// <summary>The top-level keys that the nodes were started with.</summary>
    public string Yaml { get; }

    /// <summary>The processes.</summary>
    public IReadOnlyList<GatewayProcess> Nodes => _nodes;

    /// <summary>A caller at each of them.</summary>
    public IReadOnlyList<GatewayHttp> At => _callers;

    /// <summary>Starts the nodes with these top-level keys and waits until all are members.</summary>
    /// <param name="count">How many.</param>
    /// <param name="yaml">The keys.</param>
    /// <param name="roles">The roles of the first ones; the others have both.</param>
    public static Task<NodeCluster> StartAsync(int count, string yaml, params string[] roles) =>
        new NodeCluster(count, yaml).StartedAsync(count, yaml, roles);

    /// <summary>The same with certificates that <c>mcpactors certs</c> made.</summary>
    public static async Task<NodeCluster> StartProtectedAsync(int count, string yaml, params string[] roles)
    {
        var cluster = new NodeCluster(count, yaml);
        var made = await ProgramRun.RunAsync(GatewayProcess.Program, ["certs", "node", "--out", "certs"], cluster._folder.Path, TimeSpan.FromSeconds(30));
        made.ExitCode.ShouldBe(0, made.ToString());
        var certs = Path.Combine(cluster._folder.Path, "certs");
        cluster._tls = $", tls: {{ certificate: \"{certs}/node.pem\", key: \"{certs}/node.key\", ca: \"{certs}/ca.pem\" }}";
        return await cluster.StartedAsync(count, yaml, roles);
    }

    /// <summary>Waits until a node sees so many members that are up.</summary>
    public Task UntilMembersAsync(int node, int count) => _nodes[node].WaitUntilAsync(
        async () =>
        {
            var members = (await _callers[node].StateAsync("/cluster/members"))["members"]!.AsArray();
            return members.Count == count && members.All(member => (string?)member!["status"] == "Up");
        },
        $"in a cluster of {count}",
        TimeSpan.FromSeconds(40));

    /// <summary>Waits until the servers that run are spread evenly: those that were called while the first node was alone are on it, and move in rounds.</summary>
    public Task UntilBalancedAsync() => _nodes[0].WaitUntilAsync(
        async () =>
        {
            var shards = (await _callers[0].StateAsync("/cluster/shards/server"))["regions"]!.AsArray();
            var counts = _ports.Select(port => shards.Count(shard => ((string)shard!["node"]!).EndsWith($":{port}", StringComparison.Ordinal))).ToList();
            return counts.Max() - counts.Min() <= 1;
        },
        "balanced",
        TimeSpan.FromSeconds(60));

    /// <summary>Writes the file of one node again, with other keys.</summary>
    public Task WriteAsync(int node, string yaml) => _nodes[node].WriteConfigurationAsync(WithCluster(node, yaml));

    /// <summary>Starts one more node, and waits until it is a member.</summary>
    public async Task JoinAsync(string yaml)
    {
        await AddAsync(_nodes.Count, yaml);
        await UntilMembersAsync(_nodes.Count - 1, _nodes.Count);
    }

    /// <summary>Which node owns a server that runs, as one of them says; -1 when it says that it does not run.</summary>
    public async Task<int> OwnerAsync(int asked, string server)
    {
        var owner = (string?)(await _callers[asked].StateAsync($"/api/v1/servers/{server}"))["owner"];
        return Array.FindIndex(_ports, port => owner?.EndsWith($":{port}", StringComparison.Ordinal) is true);
    }

    /// <summary>Calls until it works; how long that took.</summary>
    public async Task<TimeSpan> UntilWorksAsync(int node, string server, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        JsonNode? last = null;
        await _nodes[node].WaitUntilAsync(
            async () =>
            {
                (var status, last) = await _callers[node].CallAsync(server, "echo", new { message = "again" });
                return status == System.Net.HttpStatusCode.OK;
            },
            $"able to call {server}",
            limit);
        return watch.Elapsed;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var caller in _callers)
            caller.Dispose();
        foreach (var node in _nodes)
            await node.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private async Task<NodeCluster> StartedAsync(int count, string yaml, string[] roles)
    {
        try
        {
            for (var i = 0; i < count; i++)
                await AddAsync(i, i < roles.Length ? $"node: {{ roles: [ {roles[i]} ] }}\n{yaml}" : yaml);
            for (var i = 0; i < count; i++)
                await UntilMembersAsync(i, count);
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task AddAsync(int node, string yaml)
    {
        var process = await GatewayProcess.StartAsync(
            WithCluster(node, yaml),
            new GatewayProcessOptions { Persistence = $"{{ provider: sqlite, connection: \"Data Source={_folder.File("cluster.db")}\" }}" });
        _nodes.Add(process);
        _callers.Add(new GatewayHttp(process));
    }

    private string WithCluster(int node, string yaml)
    {
        var seeds = string.Join(", ", _ports.Take(2).Select(port => $"\"127.0.0.1:{port}\""));
        // A probe starts a server's actor wherever its shard is placed then: these tests decide themselves when a server is first asked for.
        return $$"""
            cluster: { bind: "127.0.0.1:{{_ports[node]}}", seeds: [ {{seeds}} ]{{_tls}} }
            defaults: { health: { interval: 24h } }
            {{yaml}}
            """;
    }
}
