using System.Globalization;

namespace McpActors.Benchmarks.Compare;

/// <summary>
/// The same steady load on one, two and three nodes, each taking an even part of it, with one server that keeps no state: what a cluster costs. Nodes, backend
/// and load share the processors, so this shows the overhead and not the scaling. Needs <c>wrk</c>.
/// </summary>
internal static class WorkersCommand
{
    private const int Connections = 60;

    /// <summary>Runs it and prints a Markdown table.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (seconds, rounds, warmup) = (CompareCommand.Option(args, "--seconds", 5), CompareCommand.Option(args, "--rounds", 3), CompareCommand.Option(args, "--warmup", 8));
        var folder = Directory.CreateTempSubdirectory("mcpactors-workers-").FullName;
        await using var parts = new ChildProcesses();
        var backend = $"http://127.0.0.1:{ChildProcesses.FreePort()}";
        parts.StartPart("backend", backend);
        await ChildProcesses.WaitForAsync(new Uri(backend).Port);
        var servers = "servers: { modern: { url: \"" + backend + "/modern\", concurrency: { max: 256 } } }";
        var clusters = new List<GatewayNodes>();
        for (var count = 1; count <= 3; count++)
        {
            clusters.Add(await GatewayNodes.StartAsync(parts, folder, servers, [.. Enumerable.Repeat("front, worker", count)]));
            await LoadAsync(clusters[^1], warmup);
        }

        var runs = clusters.ToDictionary(nodes => nodes, _ => new List<(double Rate, double Cpu, long Failures)>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var nodes in clusters)
                runs[nodes].Add(await LoadAsync(nodes, seconds));
        }

        Console.WriteLine("| nodes | requests/s | CPU µs/request, all nodes | failed |");
        Console.WriteLine("|---:|---:|---:|---:|");
        foreach (var nodes in clusters)
        {
            var figures = runs[nodes].OrderBy(run => run.Cpu).ElementAt(rounds / 2);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {nodes.Processes.Count} | {figures.Rate:0} | {figures.Cpu:0.0} | {runs[nodes].Sum(run => run.Failures)} |"));
        }

        return 0;
    }

    private static async Task<(double Rate, double Cpu, long Failures)> LoadAsync(GatewayNodes nodes, int seconds)
    {
        var before = LoadRun.Cpu(nodes.Processes);
        var loads = await Task.WhenAll(nodes.Fronts.Select(front =>
            LoadRun.RunAsync($"{front}/mcp/modern", McpRequest.Modern(), Connections / nodes.Fronts.Count, (seconds, []))));
        var rate = loads.Sum(load => load.RequestsPerSecond);
        return (rate, (LoadRun.Cpu(nodes.Processes) - before) * 1e6 / (rate * seconds), loads.Sum(load => load.Failures));
    }
}
