using System.Globalization;
using System.Text.Json.Nodes;
using McpActors.Benchmarks.Compare;

namespace McpActors.Benchmarks.Isolation;

/// <summary>
/// Eight servers behind one gateway. The same steady calls go to six of them, alone and while callers crowd at one that hangs and at one that takes 20 s,
/// in alternating rounds of one run. What counts is the ratio of the p99.
/// </summary>
internal static class IsolationCommand
{
    private const int Good = 6, CallsPerSecond = 300, Crowd = 32;

    /// <summary>Runs it and prints a Markdown table.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (seconds, rounds) = (Option(args, "--seconds", 10), Option(args, "--rounds", 4));
        var folder = Directory.CreateTempSubdirectory("mcpactors-isolation-").FullName;
        await using var processes = new ChildProcesses();
        int backend = ChildProcesses.FreePort(), front = ChildProcesses.FreePort(), management = ChildProcesses.FreePort();
        processes.StartPart("backend", $"http://127.0.0.1:{backend}");
        var file = Path.Combine(folder, "gateway.yaml");
        await File.WriteAllTextAsync(file, Configuration(folder, (front, management), backend));
        processes.StartGateway(file);
        await ChildProcesses.WaitForAsync(backend);
        await ChildProcesses.WaitForReadyAsync(management);

        var url = $"http://127.0.0.1:{front}/mcp";
        var good = Enumerable.Range(1, Good).Select(n => $"{url}/good{n}").ToArray();
        await ListAsync(url);
        await SteadyLoad.RunAsync(good, CallsPerSecond, TimeSpan.FromSeconds(8));
        List<double> alone = [], beside = [];
        var list = default(ListView);
        for (var round = 0; round < rounds; round++)
        {
            alone.AddRange(await SteadyLoad.RunAsync(good, CallsPerSecond, TimeSpan.FromSeconds(seconds)));
            await using var crowd = SteadyLoad.Crowd([$"{url}/hanging", $"{url}/slow"], Crowd);
            await Task.Delay(TimeSpan.FromSeconds(1));
            beside.AddRange(await SteadyLoad.RunAsync(good, CallsPerSecond, TimeSpan.FromSeconds(seconds)));
            list = await ListAsync(url);
        }

        Console.WriteLine("| six good servers | calls | p50 ms | p99 ms |\n|---|---:|---:|---:|");
        Print("alone", alone);
        Print("beside one that hangs and one that takes 20 s", beside);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\np99 ratio {Percentile(beside, 0.99) / Percentile(alone, 0.99):0.00}; tools/list of all took {list.Milliseconds:0} ms with {list.Tools} tools, unavailable: {list.Unavailable}"));
        return 0;
    }

    private static async Task<ListView> ListAsync(string url)
    {
        var started = TimeProvider.System.GetTimestamp();
        var text = await McpRequest.ModernList().ProbeAsync(url);
        var result = JsonNode.Parse(text)!["result"]!;
        return new ListView(
            TimeProvider.System.GetElapsedTime(started).TotalMilliseconds,
            result["tools"]!.AsArray().Count,
            result["_meta"]?["io.mcpactors/unavailable"]?.ToJsonString() ?? "none");
    }

    private static void Print(string name, List<double> times) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {times.Count} | {Percentile(times, 0.5):0.00} | {Percentile(times, 0.99):0.00} |"));

    private static double Percentile(List<double> times, double share)
    {
        var sorted = times.Order().ToList();
        return sorted[(int)(share * (sorted.Count - 1))];
    }

    private static int Option(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

    private static string Configuration(string folder, (int Front, int Management) ports, int backend) => $$"""
        version: 1
        persistence: { connection: "Data Source={{folder}}/mcpactors.db" }
        front: { listen: "127.0.0.1:{{ports.Front}}" }
        management: { listen: "127.0.0.1:{{ports.Management}}" }
        observability: { logs: { level: warning } }
        servers:
          hanging: { url: "http://127.0.0.1:{{backend}}/hanging" }
          slow: { url: "http://127.0.0.1:{{backend}}/slow" }
        {{string.Join('\n', Enumerable.Range(1, Good).Select(n => $"  good{n}: {{ url: \"http://127.0.0.1:{backend}/modern\" }}"))}}
        """;

    private readonly record struct ListView(double Milliseconds, int Tools, string Unavailable);
}
