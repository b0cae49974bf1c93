using System.Globalization;
using System.Text;
using McpActors.Benchmarks.Compare;

namespace McpActors.Benchmarks.Servers;

/// <summary>
/// Many servers at once. First one node in this process: what the actor of a server costs that was only asked for its state, and that of one that was called. Then a
/// cluster of processes on one SQLite file: how long from the start until each server has answered a call, and how long after the kill of a node until each has again.
/// </summary>
internal static class ServersCommand
{
    /// <summary>Runs it and prints Markdown tables.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (count, nodes) = (CompareCommand.Option(args, "--servers", 10_000), CompareCommand.Option(args, "--nodes", 3));
        var folder = Directory.CreateTempSubdirectory("mcpactors-servers-").FullName;
        await using var parts = new ChildProcesses();
        var backend = $"http://127.0.0.1:{ChildProcesses.FreePort()}";
        parts.StartPart("backend", backend);
        await ChildProcesses.WaitForAsync(new Uri(backend).Port);
        if (!args.Contains("--cluster-only"))
            await ServerHeap.MeasureAsync(folder, Definitions(count, backend), [.. Names(count)], args.Contains("--to-the-end"));
        if (nodes > 1)
            await ServerCluster.MeasureAsync(parts, folder, Definitions(count, backend), [.. Names(count)], nodes);
        return 0;
    }

    private static IEnumerable<string> Names(int count) => Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"server-{i:00000}"));

    private static string Definitions(int count, string backend)
    {
        var text = new StringBuilder("servers:\n");
        foreach (var name in Names(count))
            text.Append(CultureInfo.InvariantCulture, $"  {name}: {{ url: \"{backend}/modern\" }}\n");
        return text.ToString();
    }
}
