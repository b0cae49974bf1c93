using System.Globalization;
using System.Text;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Sessions;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Hosting;

namespace McpActors.Benchmarks.Sessions;

/// <summary>
/// What sessions of clients cost that do nothing: managed heap after a full collection, right after they were opened, when their recorders rest, and when their
/// actors have left memory. A whole node in this process.
/// </summary>
internal static class SessionsCommand
{
    private const int AtOnce = 64;

    private static readonly TimeSpan WritersRest = TimeSpan.FromSeconds(40), Look = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromMinutes(20);

    /// <summary>Runs it and prints a Markdown table.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var count = Array.IndexOf(args, "--sessions") is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : 10_000;
        var folder = Directory.CreateTempSubdirectory("mcpactors-sessions-").FullName;
        var file = Path.Combine(folder, "gateway.yaml");
        await File.WriteAllTextAsync(file, $$"""
            version: 1
            persistence: { connection: "Data Source={{folder}}/mcpactors.db" }
            front: { listen: "127.0.0.1:{{ChildProcesses.FreePort()}}" }
            management: { listen: "127.0.0.1:{{ChildProcesses.FreePort()}}" }
            observability: { logs: { level: error } }
            limits: { sessions: {{count + 1}} }
            """);
        var loader = ConfigurationLoader.ForMachine();
        await using var app = NodeHost.Build(new NodeStart(loader.Load(file), loader, [file], Quickstart: false));
        await app.StartAsync();
        await app.Services.GetRequiredService<INodeReadiness>().WhenReady;
        var (sessions, overview) = (app.Services.GetRequiredService<ISessions>(), app.Services.GetRequiredService<IOverview>());
        await OpenAsync(sessions, 1);
        await Task.Delay(Look);
        var before = ManagedHeap.Bytes();
        await OpenAsync(sessions, count);
        Console.WriteLine($"| {count} sessions | bytes of managed heap each |\n|---|---:|");
        Print("just opened");
        await Task.Delay(WritersRest);
        Print("their recorders at rest");
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Longest && (await overview.NodesAsync(CancellationToken.None)).Items[0].Glance.Sessions > 0)
            await Task.Delay(Look);
        Print("their actors out of memory; what remains is this front's knowledge of them");
        await app.StopAsync();
        return 0;

        void Print(string state) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {state} | {(ManagedHeap.Bytes() - before) / count} |"));
    }

    private static Task OpenAsync(ISessions sessions, int count) => Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, ct) =>
    {
        // Bytes of its own for each, as each request brings them.
        var profile = new ClientProfile(
            ProtocolRevision.V20251125,
            Encoding.UTF8.GetBytes("""{"roots":{"listChanged":true},"sampling":{},"elicitation":{}}"""),
            Encoding.UTF8.GetBytes("""{"name":"claude-code","title":"Claude Code","version":"2.0.11"}"""));
        for (var opened = false; !opened;)
            opened = await TryAsync(() => sessions.OpenAsync(new SessionOpen("*", profile, "anna"), ct));
    });

    /// <summary>A machine with other things to do may take longer than an owner is waited for.</summary>
    private static async Task<bool> TryAsync(Func<Task> open)
    {
        try
        {
            await open();
            return true;
        }
        catch (SessionUnavailableException)
        {
            return false;
        }
    }
}
