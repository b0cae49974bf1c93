using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using McpActors.EndToEnd.Tests.Reliability;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Docker;

/// <summary><c>docker-compose.cluster.yml</c> with mock servers behind it, brought up on this machine; only the base images are stand-ins.</summary>
internal sealed class ComposeCluster : IAsyncDisposable
{
    private const int Workers = 3;

    private static readonly string[] s_nodes = ["front-1", "front-2", "worker-1", "worker-2", "worker-3"];

    /// <summary>All but the collector and what takes its traces, of which no Debian package exists.</summary>
    private static readonly string[] s_services = [.. s_nodes, "balancer", "prometheus", "mock-modern", "mock-legacy", "mock-dual"];

    private readonly string _project = "mcpactors-test-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    private readonly int[] _ports = FreePorts.Take(3);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private GatewayHttp? _operator;
    private GatewayHttp? _caller;

    /// <summary>Speaks to the fronts and, for management, to the nodes, both through the load balancer.</summary>
    public GatewayHttp Caller => _caller ?? throw new InvalidOperationException("The cluster was not started.");

    /// <summary>Brings it up and waits until all nodes are members.</summary>
    public static async Task<ComposeCluster> StartAsync()
    {
        await DockerEngine.MakeImagesAsync("sdk", "runtime", "postgres", "haproxy", "prometheus");
        var cluster = new ComposeCluster();
        try
        {
            await cluster.ComposeAsync(TimeSpan.FromMinutes(12), "build", "setup", "mock-modern");
            await cluster.ComposeAsync(TimeSpan.FromMinutes(4), ["up", "--detach", .. s_services]);
            cluster._operator = new GatewayHttp(cluster.Local(0), cluster.Local(1), await cluster.ExecAsync("worker-1", "cat", "/secrets/keys/bootstrap.key"));
            await cluster.UntilMembersAsync(s_nodes.Length);
            var key = await cluster.ExecAsync("worker-1", "mcpactors", "keys", "create", "test", "--scopes", "read,call,operate");
            cluster._caller = new GatewayHttp(cluster.Local(0), cluster.Local(1), key.Split('\n')[0].Trim());
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The lives of the members that are up: a node that was started again has another.</summary>
    public async Task<IReadOnlyList<string>> LivesAsync() => LivesOf(await _operator!.StateAsync("/cluster/members"));

    /// <summary>Waits until a worker sees so many members, all up, at least one of which is none of these lives.</summary>
    public Task UntilMembersAsync(int count, IReadOnlyList<string>? before = null)
    {
        JsonNode? seen = null;
        return UntilAsync(
            async () =>
            {
                seen = await _operator!.StateAsync("/cluster/members");
                var lives = LivesOf(seen);
                return lives.Count == count && seen["members"]!.AsArray().Count == count && (before is null || lives.Except(before).Any());
            },
            () => $"not a cluster of {count}: {seen?.ToJsonString()}",
            TimeSpan.FromSeconds(120));
    }

    /// <summary>Calls a tool of each server until all answer; the time that took.</summary>
    public async Task<TimeSpan> UntilAllAnswerAsync(TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        foreach (var server in (string[])["modern", "legacy", "dual"])
        {
            JsonNode? last = null;
            await UntilAsync(
                async () =>
                {
                    (var status, last) = await Caller.CallAsync(server, "echo", new { message = "there" });
                    return status == System.Net.HttpStatusCode.OK;
                },
                () => $"{server} does not answer: {last?.ToJsonString()}",
                limit - watch.Elapsed);
        }

        return watch.Elapsed;
    }

    /// <summary>Waits until sharding has no reason to move a server to another worker: calls in hand go on at the node that it leaves, and are not among those of its new owner.</summary>
    public Task UntilBalancedAsync()
    {
        JsonNode? seen = null;
        return UntilAsync(
            async () =>
            {
                seen = await Caller.StateAsync("/cluster/shards/server");
                var held = seen["regions"]!.AsArray().CountBy(shard => (string)shard!["node"]!).Select(node => node.Value).ToList();
                return held.Max() - (held.Count < Workers ? 0 : held.Min()) <= 1;
            },
            () => $"the servers are not spread evenly: {seen?.ToJsonString()}",
            TimeSpan.FromSeconds(60));
    }

    /// <summary>Waits until a server has so many calls in flight.</summary>
    public Task UntilInFlightAsync(string server, int count)
    {
        JsonNode? seen = null;
        return UntilAsync(
            async () => (int)(seen = await Caller.StateAsync($"/api/v1/servers/{server}"))["inFlight"]! == count,
            () => $"{server} has not {count} calls in flight: {seen?.ToJsonString()}",
            TimeSpan.FromSeconds(9));
    }

    /// <summary>Who speaks to the same addresses without a key.</summary>
    public GatewayHttp Stranger() => new(Local(0), Local(1));

    /// <summary>Asks Prometheus until a query has this value.</summary>
    public Task UntilMetricAsync(string query, string expected)
    {
        var seen = "";
        return UntilAsync(
            async () =>
            {
                seen = await _http.GetStringAsync(new Uri(Local(2), "/api/v1/query?query=" + Uri.EscapeDataString(query)));
                return (string?)JsonNode.Parse(seen)!["data"]?["result"]?.AsArray().FirstOrDefault()?["value"]?[1] == expected;
            },
            () => $"{query} is not {expected}: {seen}",
            TimeSpan.FromSeconds(60));
    }

    /// <summary>Runs a program in the container of a service.</summary>
    public Task<string> ExecAsync(string service, params string[] command) => DockerEngine.RunAsync(["exec", Container(service), .. command]);

    /// <summary>Something of the state of a service's container, as <c>docker inspect</c> names it.</summary>
    public Task<string> InspectAsync(string service, string field) => DockerEngine.RunAsync("inspect", "--format", $"{{{{{field}}}}}", Container(service));

    /// <summary>The address of a service's container.</summary>
    public Task<string> AddressAsync(string service) => DockerEngine.RunAsync("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", Container(service));

    /// <summary>Waits until a service's container has been started again by its supervisor.</summary>
    public Task UntilRestartedAsync(string service, string startedBefore) => UntilAsync(
        async () => await InspectAsync(service, ".State.StartedAt") != startedBefore && await InspectAsync(service, ".State.Running") == "true",
        () => $"{service} was not started again",
        TimeSpan.FromSeconds(90));

    /// <summary>Ends services as <c>docker stop</c> does, with the grace that the compose file gives them.</summary>
    public Task StopAsync(params string[] services) => ComposeAsync(TimeSpan.FromMinutes(3), ["stop", .. services]);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _operator?.Dispose();
        _caller?.Dispose();
        _http.Dispose();
        await ComposeAsync(TimeSpan.FromMinutes(3), "down", "--volumes", "--timeout", "1", "--remove-orphans");
    }

    /// <summary>The end of what the nodes logged, for messages of failed tests.</summary>
    public Task<string> LogsAsync() => ComposeAsync(TimeSpan.FromMinutes(1), "logs", "--no-color", "--tail", "40");

    private static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        Exception? last = null;
        do
        {
            try
            {
                if (await condition())
                    return;
                last = null;
            }
            catch (Exception notYet) when (notYet is InvalidOperationException or HttpRequestException or TaskCanceledException or TimeoutException or System.Text.Json.JsonException)
            {
                last = notYet; // containers and listeners come up one after the other
            }
        }
        while (watch.Elapsed < limit && await timer.WaitForNextTickAsync());
        throw new TimeoutException($"After {limit}: {what()} {last?.Message}");
    }

    private static List<string> LivesOf(JsonNode members) =>
        [.. members["members"]!.AsArray().Where(member => (string?)member!["status"] == "Up").Select(member => (string)member!["nodeUid"]!)];

    private string Container(string service) => $"{_project}_{service}_1";

    private Uri Local(int port) => new($"http://localhost:{_ports[port]}");

    private async Task<string> ComposeAsync(TimeSpan limit, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "docker-compose",
            ["--project-directory", ".", "--project-name", _project, "-f", "docker-compose.cluster.yml", "-f", "tests/McpActors.EndToEnd.Tests/docker-compose.test.yml", .. arguments])
        {
            WorkingDirectory = Checkout.Root,
        };
        foreach (var image in (string[])["sdk", "runtime", "postgres", "haproxy", "prometheus"])
            start.Environment[image.ToUpperInvariant() + "_IMAGE"] = "mcpactors-local/" + image;
        start.Environment["MCPACTORS_IMAGE"] = "mcpactors-test/node";
        start.Environment["MOCK_FOLDER"] = Path.GetDirectoryName(MockServerProgram.Path)!;
        start.Environment["MOCK_DOCKERFILE"] = Path.Combine(Checkout.Root, "tests", "McpActors.EndToEnd.Tests", "Docker", "mock.Dockerfile");
        foreach (var (variable, port) in ((string, int)[])[("FRONT_PORT", 0), ("MANAGEMENT_PORT", 1), ("PROMETHEUS_PORT", 2)])
            start.Environment[variable] = _ports[port].ToString(CultureInfo.InvariantCulture);
        // The builder that every engine has.
        start.Environment["DOCKER_BUILDKIT"] = "0";
        var result = await ProgramRun.RunAsync(start, limit);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"docker-compose {string.Join(' ', arguments)}: {result}");
    }
}
