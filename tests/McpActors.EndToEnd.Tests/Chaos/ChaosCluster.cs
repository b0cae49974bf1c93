using System.Globalization;
using System.Text;
using McpActors.Cluster.Persistence;
using McpActors.Core.Configuration;
using McpActors.Testing;
using Npgsql;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>What a cluster under chaos is made of.</summary>
internal sealed record ChaosSettings
{
    /// <summary>How many nodes. Default 3.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Calls a second. Default 100; none is 0.</summary>
    public int Rate { get; init; } = 100;

    /// <summary>The value of <c>cluster.failover</c>. Default balanced.</summary>
    public string Failover { get; init; } = "balanced";

    /// <summary>A PostgreSQL database; null is one SQLite file for all.</summary>
    public string? Postgres { get; init; }

    /// <summary>Where the SQLite file is; null is a temporary folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Network namespaces for the nodes; null is loopback.</summary>
    public NodeNetwork? Network { get; init; }

    /// <summary>Environment variables of the nodes.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// Supervised nodes behind a balancer, servers with ledgers behind the nodes, load through all of it, and at the end the verdict over what was seen.
/// </summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    /// <summary>A call that took longer waited for something.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan s_spreadLimit = TimeSpan.FromSeconds(45);

    private readonly TemporaryFolder _folder = new();
    private readonly ChaosSettings _settings;
    private readonly List<SupervisedNode> _nodes = [];
    private readonly int[] _ports;
    private ChaosServers? _servers;
    private Balancer? _balancer;
    private ChaosLoad? _load;
    private EventWatch? _events;

    private ChaosCluster(ChaosSettings settings)
    {
        _settings = settings;
        _ports = FreePorts.Take(settings.Nodes);
    }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<SupervisedNode> Nodes => _nodes;

    /// <summary>What happened.</summary>
    public History History { get; } = new();

    private string Database => Path.Combine(_settings.Folder ?? _folder.Path, "cluster.db");

    /// <summary>The one address that clients know.</summary>
    public Uri Url => _balancer!.Url;

    /// <summary>Starts all; returns when the cluster is whole, its servers are spread and the load runs.</summary>
    public static async Task<ChaosCluster> StartAsync(ChaosSettings settings)
    {
        var cluster = new ChaosCluster(settings);
        try
        {
            await cluster.StartAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A database for a cluster, with its tables.</summary>
    public static async Task<string> CreateDatabaseAsync(PostgresServer server)
    {
        var database = await server.CreateDatabaseAsync();
        var options = new PersistenceOptions { Provider = PersistenceProvider.Postgres, Connection = database };
        await StoreSchema.ApplyAsync(options, TimeProvider.System, CancellationToken.None);
        return database;
    }

    /// <summary>Waits until every node sees all of them up and reachable, and takes calls. How long that took.</summary>
    public async Task<TimeSpan> UntilWholeAsync(TimeSpan? limit = null)
    {
        var begun = History.Now;
        foreach (var node in _nodes)
            await node.UntilAsync(async () => await node.IsReadyAsync() && await SeesAllAsync(node), "in a whole cluster", limit ?? s_startLimit);
        return History.Now - begun;
    }

    /// <summary>
    /// Waits until the load's servers are spread over all nodes: shards move to a new node in rounds of 10 s. On a machine that is too busy for that it goes on as it is.
    /// </summary>
    public async Task UntilSpreadAsync()
    {
        try
        {
            await _nodes[0].UntilAsync(IsSpreadAsync, "one of the owners of the servers", s_spreadLimit);
        }
        catch (TimeoutException)
        {
            History.Disturbed("the servers are not spread over all nodes yet");
        }
    }

    private async Task<bool> IsSpreadAsync()
    {
        var owners = new HashSet<string>();
        foreach (var server in ChaosServers.Web.Concat(ChaosServers.Children))
        {
            // Looking wakes nobody: a server has an owner once it was called.
            await _nodes[0].At.CallAsync(server, "echo");
            owners.Add((string?)(await _nodes[0].At.StateAsync($"/api/v1/servers/{server}"))["owner"] ?? "");
        }

        owners.Remove("");
        return owners.Count == _nodes.Count;
    }

    /// <summary>Begins the load and the orders.</summary>
    public async Task BeginLoadAsync()
    {
        _load = await ChaosLoad.StartAsync(Url, History, _settings.Rate);
        _events = new EventWatch(_nodes, History);
        _events.Start();
    }

    /// <summary>Lets the load run on for a while.</summary>
    public static Task CalmAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds));

    /// <summary>Ends the load and judges all that was seen.</summary>
    public async Task<Verdict> JudgeAsync()
    {
        await _events!.StopAsync();
        await _load!.StopAsync();
        await UntilWholeAsync();
        var evidence = new Evidence(
            History.Calls,
            _servers!.Executions(),
            History.Acknowledged,
            await EventWatch.ReadAsync(_nodes[0]),
            await JournalRows.ReadAsync(_settings.Postgres is null ? Database : null, _settings.Postgres));
        return new Verdict(evidence, History, HistoryChecker.Check(evidence), _load.Withheld);
    }

    /// <summary>
    /// Waits until every node says of the breaker of <see cref="ChaosServers.Open"/> what was said before. Not at once: where the journal is slow, on a busy machine, an
    /// owner begins without its past and takes it in when it comes.
    /// </summary>
    public async Task UntilStillOpenAsync(string open)
    {
        foreach (var node in _nodes)
            await node.UntilAsync(async () => await OpenUntilAsync(node) == open, $"saying that the breaker is {open}", s_startLimit);
    }

    /// <summary>Whether a node says that the breaker of <see cref="ChaosServers.Open"/> is open, and until when.</summary>
    public static async Task<string> OpenUntilAsync(SupervisedNode node)
    {
        // Looking wakes nobody, and the owner may be a new one.
        await node.At.CallAsync(ChaosServers.Open, "echo");
        var circuit = (await node.At.StateAsync($"/api/v1/servers/{ChaosServers.Open}"))["circuit"]!;
        return $"{circuit["state"]} until {circuit["until"]}";
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await (_events?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        await (_load?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_balancer?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_servers?.DisposeAsync() ?? ValueTask.CompletedTask);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private async Task StartAsync()
    {
        _servers = await ChaosServers.StartAsync();
        for (var i = 0; i < _settings.Nodes; i++)
            _nodes.Add(await StartNodeAsync(i));
        await UntilWholeAsync();
        _balancer = await Balancer.StartAsync([.. _nodes.Select(node => node.Process.Front)]);
        await _nodes[0].UntilAsync(OpenedAsync, "opening a breaker", s_startLimit);
        await UntilSpreadAsync();
        if (_settings.Rate > 0)
            await BeginLoadAsync();
    }

    private async Task<bool> OpenedAsync()
    {
        await _nodes[0].At.CallAsync(ChaosServers.Open, "counter");
        return (await EventWatch.ReadAsync(_nodes[0])).Any(seen => seen.Server == ChaosServers.Open && seen.Text.Contains("circuitOpened", StringComparison.Ordinal));
    }

    private Task<SupervisedNode> StartNodeAsync(int index)
    {
        var address = AddressOf(index);
        var seeds = string.Join(", ", Enumerable.Range(0, _settings.Nodes).Select(node => $"\"{AddressOf(node)}:{_ports[node]}\""));
        var insecure = _settings.Network is null ? "" : ", insecure: true";
        var persistence = PostgresAsReached() is { } postgres
            ? $$"""{ provider: postgres, connection: "{{postgres}}" }"""
            : $$"""{ provider: sqlite, connection: "Data Source={{Database}}" }""";
        return SupervisedNode.StartAsync(
            $$"""
            cluster: { bind: "{{address}}:{{_ports[index]}}", internal: "{{address}}:0", seeds: [ {{seeds}} ], failover: {{_settings.Failover}}{{insecure}} }
            {{_servers!.Yaml(url => _settings.Network?.Reached(url) ?? url)}}
            """,
            new GatewayProcessOptions
            {
                Persistence = persistence,
                Address = address,
                Through = _settings.Network?.Through(index) ?? [],
                Environment = _settings.Environment,
            });
    }

    private string? PostgresAsReached()
    {
        if (_settings is not { Postgres: { } postgres, Network: { } network })
            return _settings.Postgres;
        var connection = new NpgsqlConnectionStringBuilder(postgres);
        var reached = network.Reached(new UriBuilder("tcp", connection.Host, connection.Port).Uri);
        (connection.Host, connection.Port) = (reached.Host, reached.Port);
        return connection.ConnectionString;
    }

    private string AddressOf(int node) => _settings.Network?.AddressOf(node) ?? "127.0.0.1";

    private async Task<bool> SeesAllAsync(SupervisedNode node)
    {
        var state = await node.At.StateAsync("/cluster/members");
        var members = state["members"]!.AsArray();
        return members.Count == _nodes.Count && members.All(member => (string?)member!["status"] == "Up") && state["unreachable"]!.AsArray().Count == 0;
    }
}

/// <summary>What is to be said of a history.</summary>
internal sealed record Verdict(Evidence Evidence, History History, IReadOnlyList<Violation> Violations, int Withheld)
{
    /// <summary>Calls that were not answered, by class and outcome.</summary>
    public IEnumerable<Call> Failed => Evidence.Calls.Where(call => call.Outcome != Outcome.Answered);

    /// <summary>The figures, and every broken rule, for people.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var kind in Evidence.Calls.GroupBy(call => call.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            var outcomes = string.Join(", ", kind.GroupBy(call => call.Outcome).OrderBy(group => group.Key).Select(group => $"{group.Key} {group.Count()}"));
            text.AppendLine(CultureInfo.InvariantCulture, $"{kind.Key}: {outcomes}; slowest {kind.Max(call => call.Took.TotalSeconds):0.0} s");
        }

        foreach (var disturbance in History.Disturbances)
        {
            var hurt = HistoryChecker.HurtAfter(Evidence.Calls, disturbance.At, TimeSpan.FromSeconds(45), ChaosCluster.Late);
            text.AppendLine(CultureInfo.InvariantCulture, $"{disturbance.At.TotalSeconds:0.0} s {disturbance.What}; hurt until {string.Join(", ", hurt.Select(kind => $"{kind.Key} {kind.Value.TotalSeconds:0.0} s"))}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"{Evidence.Acknowledged.Count} acknowledged events, {Evidence.Journal.Count} in the journal by {Evidence.Journal.Select(row => row.Writer).Distinct().Count()} writers, {Withheld} calls withheld, {Violations.Count} violations");
        foreach (var violation in Violations.Take(20))
            text.AppendLine(violation.ToString());
        foreach (var failed in Failed.GroupBy(call => (call.Kind, call.Outcome)).SelectMany(group => group.Take(5)))
            text.AppendLine(failed.ToString());
        return text.ToString();
    }
}
