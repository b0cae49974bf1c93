using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using McpActors.Benchmarks.Compare;

namespace McpActors.Benchmarks.Servers;

/// <summary>A cluster of processes with many servers: its start, and the loss of a node by <c>kill -9</c>.</summary>
internal static class ServerCluster
{
    private const int AtOnce = 48;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10), Again = TimeSpan.FromMilliseconds(250);

    /// <summary>Prints a Markdown table.</summary>
    public static async Task MeasureAsync(ChildProcesses processes, string folder, string definitions, IReadOnlyList<string> names, int count)
    {
        Console.WriteLine($"\n| {names.Count} servers on {count} nodes | seconds |\n|---|---:|");
        var clock = Stopwatch.StartNew();
        var nodes = await GatewayNodes.StartAsync(processes, folder, definitions, [.. Enumerable.Repeat("front, worker", count)]);
        Print("start of the processes, one after the other, until all are ready and members");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var awake = await CallAllAsync(http, nodes.Fronts, names);
        Print($"until each server has answered a call ({awake} had to be called again)");
        var held = await HeldAsync(http, nodes);
        Console.WriteLine($"| actors on each node: {string.Join(", ", held)}; RSS MiB: {string.Join(", ", nodes.Processes.Select(Resident))} | |");

        clock.Restart();
        Process.GetProcessById(nodes.Processes[^1]).Kill();
        var survivors = nodes with { Processes = [.. nodes.Processes.SkipLast(1)], Fronts = [.. nodes.Fronts.SkipLast(1)], Managements = [.. nodes.Managements.SkipLast(1)] };
        var lost = await CallAllAsync(http, survivors.Fronts, names);
        Print($"after the kill of one, until each server has answered a call by the others ({lost} had to be called again)");
        Console.WriteLine($"| actors on each node: {string.Join(", ", await HeldAsync(http, survivors))}; RSS MiB: {string.Join(", ", survivors.Processes.Select(Resident))} | |");

        void Print(string what) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {clock.Elapsed.TotalSeconds:0.0} |"));
    }

    /// <summary>Calls each server, by the fronts in turn, until it has answered. Answers how many did not at once.</summary>
    private static async Task<int> CallAllAsync(HttpClient http, IReadOnlyList<string> fronts, IReadOnlyList<string> names)
    {
        var (echo, late) = (McpRequest.Modern(), 0);
        using var limit = new CancellationTokenSource(Longest);
        await Parallel.ForAsync(0, names.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = limit.Token }, async (i, ct) =>
        {
            for (var attempt = 0; !await AnswersAsync($"{fronts[i % fronts.Count]}/mcp/{names[i]}", ct); attempt++)
            {
                if (attempt == 0)
                    Interlocked.Increment(ref late);
                await Task.Delay(Again, ct);
            }
        });
        return late;

        async Task<bool> AnswersAsync(string url, CancellationToken ct)
        {
            try
            {
                return JsonNode.Parse(await echo.ProbeAsync(http, url, ct))?["result"] is not null;
            }
            catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or System.Text.Json.JsonException && !ct.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    /// <summary>How many server actors each node has, as it says itself.</summary>
    private static async Task<IReadOnlyList<int>> HeldAsync(HttpClient http, GatewayNodes nodes)
    {
        var status = JsonNode.Parse(await http.GetStringAsync($"http://127.0.0.1:{nodes.Managements[0]}/api/v1/status"));
        return [.. status!["nodes"]!.AsArray().Select(node => (int?)node!["servers"] ?? 0)];
    }

    private static string Resident(int process) => File.ReadLines($"/proc/{process}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => (int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).ToString(CultureInfo.InvariantCulture)).First();
}
