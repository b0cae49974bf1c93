using System.Globalization;
using McpActors.Gateway.Observability;

namespace McpActors.Benchmarks.Compare;

/// <summary>
/// The same echo call directly, through nginx, through YARP, through the gateway, and through one node of it to a server that another one owns, without and with
/// TLS between the nodes, for both eras and for a server that is a process, in one run on loopback: what counts are the ratios, since these machines are noisy.
/// Needs <c>wrk</c> and <c>nginx</c>.
/// </summary>
internal static class CompareCommand
{
    /// <summary>Runs the comparison and prints a Markdown table.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = Option(args, "--seconds", 5);
        var rounds = Option(args, "--rounds", 3);
        var warmup = Option(args, "--warmup", 8);
        var connections = (Text(args, "--connections") ?? "1,16,64").Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        var folder = Directory.CreateTempSubdirectory("mcpactors-compare-").FullName;
        await using var stage = await Stage.StartAsync(folder, args.Contains("--tls"));
        Console.WriteLine("| era | way | connections | requests/s | p50 | p99 | CPU µs/request | RSS MiB | failed |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|---:|");
        var failures = 0L;
        foreach (var era in (string[])["modern", "legacy", .. args.Contains("--stdio") ? [Way.Stdio] : Array.Empty<string>()])
        {
            var ways = stage.Ways.Where(way => way.IsGateway || era != Way.Stdio).ToList();
            var requests = new Dictionary<Way, McpRequest>();
            foreach (var way in ways)
                requests[way] = await WarmAsync(way, era, warmup);
            foreach (var count in connections)
            {
                var runs = ways.ToDictionary(way => way, _ => new List<LoadFigures>());
                // Round by round, so that a minute in which the machine is slow is slow for all.
                for (var round = 0; round < rounds; round++)
                {
                    foreach (var way in ways)
                        runs[way].Add(await LoadRun.RunAsync(way.UrlOf(era), requests[way], count, (seconds, way.Processes)));
                }

                foreach (var way in ways)
                    failures += Print(era, way.Name, count, runs[way]);
            }
        }

        Console.WriteLine();
        Console.WriteLine($"McpActors {NodeVersion.Text}, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {warmup} s warm-up, median of {rounds} rounds of {seconds} s.");
        return failures == 0 ? 0 : 1;
    }

    private static async Task<McpRequest> WarmAsync(Way way, string era, int seconds)
    {
        var url = way.UrlOf(era);
        var request = era == "legacy" ? await McpRequest.LegacyAsync(url) : McpRequest.Modern();
        var probe = await request.ProbeAsync(url);
        if (!probe.Contains("hello", StringComparison.Ordinal))
            throw new InvalidOperationException($"{way.Name} does not pass the call on: {probe}");
        await LoadRun.RunAsync(url, request, 64, (seconds, way.Processes));
        return request;
    }

    private static long Print(string era, string way, int connections, List<LoadFigures> runs)
    {
        var figures = runs.OrderBy(run => run.CpuMicrosPerRequest).ElementAt(runs.Count / 2);
        var failed = runs.Sum(run => run.Failures);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {era} | {way} | {connections} | {figures.RequestsPerSecond:0} | {figures.P50} | {figures.P99} | {figures.CpuMicrosPerRequest:0.0} | {figures.ResidentMegabytes:0} | {failed} |"));
        return failed;
    }

    internal static int Option(string[] args, string name, int otherwise) => Text(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static string? Text(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
}

/// <summary>One way to the backend.</summary>
internal sealed record Way(string Name, IReadOnlyList<int> Processes, Func<string, string> UrlOf, bool IsGateway = false)
{
    /// <summary>In place of an era: a server that is a process, of the modern one. Only the gateway has a way to it, and whoever takes the call asks the node that runs it.</summary>
    public const string Stdio = "stdio";
}

/// <summary>The processes of a comparison: backend, nginx, YARP, gateway. All end with it.</summary>
internal sealed class Stage : ChildProcesses
{
    /// <summary>The ways to compare, the direct one first.</summary>
    public IReadOnlyList<Way> Ways { get; private set; } = [];

    /// <summary>Starts everything and waits until each part answers.</summary>
    public static async Task<Stage> StartAsync(string folder, bool withTls)
    {
        var stage = new Stage();
        int backend = FreePort(), nginx = FreePort(), yarp = FreePort(), front = FreePort(), management = FreePort();
        var backendUrl = $"http://127.0.0.1:{backend}";
        var backendProcess = stage.StartPart("backend", backendUrl);
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, NginxConfiguration(folder, nginx, backend));
        var nginxProcess = stage.Start("nginx", "-c", configuration, "-e", Path.Combine(folder, "error.log"));
        var yarpProcess = stage.StartPart("yarp", $"http://127.0.0.1:{yarp}", backendUrl);
        var gatewayFile = Path.Combine(folder, "gateway.yaml");
        await File.WriteAllTextAsync(gatewayFile, GatewayConfiguration(folder, (front, management), backendUrl));
        var gatewayProcess = stage.StartGateway(gatewayFile);
        // Calls enter a node without servers; all are owned by the other one.
        var remote = await GatewayNodes.StartAsync(stage, folder, Servers(backendUrl), "worker", "front");
        var protectedRemote = withTls ? await GatewayNodes.StartProtectedAsync(stage, folder, Servers(backendUrl), "worker", "front") : null;
        foreach (var port in (int[])[backend, nginx, yarp, front])
            await WaitForAsync(port);
        await WaitForReadyAsync(management);
        stage.Ways =
        [
            new Way("direct", [backendProcess.Id], era => $"{backendUrl}/{era}"),
            new Way("nginx", [nginxProcess.Id], era => $"http://127.0.0.1:{nginx}/{era}"),
            new Way("YARP", [yarpProcess.Id], era => $"http://127.0.0.1:{yarp}/{era}"),
            new Way("McpActors", [gatewayProcess.Id], era => $"http://127.0.0.1:{front}/mcp/{era}", IsGateway: true),
            OwnerElsewhere("McpActors, owner elsewhere", remote),
            .. protectedRemote is null ? [] : (Way[])[OwnerElsewhere("McpActors, owner elsewhere, TLS", protectedRemote)],
        ];
        return stage;
    }

    private static Way OwnerElsewhere(string name, GatewayNodes nodes) => new(name, nodes.Processes, era => $"{nodes.Fronts[1]}/mcp/{era}", IsGateway: true);

    private static string NginxConfiguration(string folder, int port, int backend) => $$"""
        daemon off; worker_processes 1; pid {{folder}}/nginx.pid;
        events { worker_connections 1024; }
        http {
          access_log off;
          client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/fastcgi; uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
          upstream backend { server 127.0.0.1:{{backend}}; keepalive 128; }
          server { listen 127.0.0.1:{{port}}; keepalive_requests 100000000; location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; } }
        }
        """;

    private static string GatewayConfiguration(string folder, (int Front, int Management) ports, string backend) => $$"""
        version: 1
        persistence: { connection: "Data Source={{folder}}/mcpactors.db" }
        front: { listen: "127.0.0.1:{{ports.Front}}" }
        management: { listen: "127.0.0.1:{{ports.Management}}" }
        observability: { logs: { level: warning } }
        {{Servers(backend)}}
        """;

    private static string Servers(string backend) => $$"""
        servers:
          modern: { url: "{{backend}}/modern", concurrency: { max: 256 } }
          legacy: { url: "{{backend}}/legacy", concurrency: { max: 256 } }
          {{Way.Stdio}}: { command: dotnet, args: [ "{{typeof(Stage).Assembly.Location}}", process ], concurrency: { max: 256 } }
        """;
}
