using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace McpActors.Benchmarks.Compare;

/// <summary>What one run of <c>wrk</c> showed.</summary>
internal sealed record LoadFigures(double RequestsPerSecond, string P50, string P99, double CpuMicrosPerRequest, long Failures, double ResidentMegabytes);

/// <summary>Drives <c>wrk</c> with one fixed MCP request and reads the CPU time of the processes under test.</summary>
internal static partial class LoadRun
{
    private const double TicksPerSecond = 100; // USER_HZ on Linux

    /// <summary>Runs <c>wrk</c> for the given seconds against <paramref name="url"/>.</summary>
    public static async Task<LoadFigures> RunAsync(string url, McpRequest request, int connections, (int Seconds, IReadOnlyList<int> Processes) run)
    {
        var script = Path.Combine(Path.GetTempPath(), $"mcpactors-{Guid.NewGuid():N}.lua");
        await File.WriteAllTextAsync(script, request.ToLua());
        try
        {
            var before = Cpu(run.Processes);
            using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t", "1", "-c", connections.ToString(CultureInfo.InvariantCulture), "-d", $"{run.Seconds}s", "--latency", "-s", script, url])
            {
                RedirectStandardOutput = true,
            })!;
            var text = await wrk.StandardOutput.ReadToEndAsync();
            await wrk.WaitForExitAsync();
            var cpu = Cpu(run.Processes) - before;
            var total = double.Parse(Total().Match(text).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            return new LoadFigures(
                double.Parse(Rate().Match(text).Groups[1].ValueSpan, CultureInfo.InvariantCulture),
                P50().Match(text).Groups[1].Value, P99().Match(text).Groups[1].Value,
                total == 0 ? 0 : cpu * 1e6 / total, Failed(text), Resident(run.Processes));
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static long Failed(string text) =>
        (NonSuccess().Match(text) is { Success: true } status ? long.Parse(status.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0)
        + (Sockets().Match(text) is { Success: true } sockets ? sockets.Groups.Values.Skip(1).Sum(g => long.Parse(g.ValueSpan, CultureInfo.InvariantCulture)) : 0);

    /// <summary>CPU seconds that these have used. A process with workers (nginx) is counted with its children.</summary>
    public static double Cpu(IReadOnlyList<int> processes)
    {
        return processes.SelectMany(Tree).Sum(pid =>
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        });
    }

    private static double Resident(IReadOnlyList<int> processes) => processes.SelectMany(Tree).Sum(pid =>
        File.ReadLines($"/proc/{pid}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).FirstOrDefault());

    private static IEnumerable<int> Tree(int root)
    {
        yield return root;
        foreach (var task in Directory.EnumerateDirectories($"/proc/{root}/task"))
        {
            foreach (var child in File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                yield return int.Parse(child, CultureInfo.InvariantCulture);
        }
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Total();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"^\s+50%\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex P50();

    [GeneratedRegex(@"^\s+99%\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex P99();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex NonSuccess();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex Sockets();
}
