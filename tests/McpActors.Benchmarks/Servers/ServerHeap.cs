using System.Globalization;
using McpActors.Benchmarks.Compare;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Servers;
using McpActors.Core.Servers;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Hosting;

namespace McpActors.Benchmarks.Servers;

/// <summary>Managed heap of server actors, after a full collection, in a node in this process.</summary>
internal static class ServerHeap
{
    private const int AtOnce = 64;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    /// <summary>More than the time after which an idle recorder leaves.</summary>
    private static readonly TimeSpan RecordersLeave = TimeSpan.FromSeconds(40);

    /// <summary>More than the least time of a connection without a call, and that of an actor without one.</summary>
    private static readonly TimeSpan ConnectionsLeave = TimeSpan.FromSeconds(60), ActorsLeave = TimeSpan.FromSeconds(200);

    /// <summary>Prints a Markdown table.</summary>
    /// <param name="folder">For files.</param>
    /// <param name="definitions">The servers.</param>
    /// <param name="names">Their names.</param>
    /// <param name="toTheEnd">Whether to wait until nothing of the servers should be left.</param>
    public static async Task MeasureAsync(string folder, string definitions, IReadOnlyList<string> names, bool toTheEnd)
    {
        var (file, front) = (Path.Combine(folder, "one.yaml"), ChildProcesses.FreePort());
        await File.WriteAllTextAsync(file, $$"""
            version: 1
            persistence: { connection: "Data Source={{folder}}/one.db" }
            front: { listen: "127.0.0.1:{{front}}" }
            management: { listen: "127.0.0.1:{{ChildProcesses.FreePort()}}" }
            observability: { logs: { level: error } }
            defaults: { health: { interval: 24h }, idleStop: {{(toTheEnd ? "90s" : "10m")}} }
            {{definitions}}
            """);
        var loader = ConfigurationLoader.ForMachine();
        await using var app = NodeHost.Build(new NodeStart(loader.Load(file), loader, [file], Quickstart: false));
        await app.StartAsync();
        await app.Services.GetRequiredService<INodeReadiness>().WhenReady;
        await Task.Delay(Rest);
        var before = ManagedHeap.Bytes();
        var servers = app.Services.GetRequiredService<IServerCalls>();
        await EachAsync(names, async (name, ct) =>
        {
            while (!await AnswersAsync(servers, name, ct))
                await Task.Delay(Rest / 10, ct);
        });
        Console.WriteLine($"| {names.Count} servers on one node | bytes of managed heap each |\n|---|---:|");
        Print("asked for their state: the actor with its recorder and writer");
        await Task.Delay(RecordersLeave);
        Print("the same, when the recorders have left");
        using var http = new HttpClient();
        var echo = McpRequest.Modern();
        await EachAsync(names, async (name, ct) => await echo.ProbeAsync(http, $"http://127.0.0.1:{front}/mcp/{name}", ct));
        await Task.Delay(Rest);
        Print("called once over HTTP: with connection, tools and recorder");
        await Task.Delay(RecordersLeave);
        Print("the same, when the recorders have left");
        if (toTheEnd)
        {
            await Task.Delay(ConnectionsLeave);
            Print("the same, when nobody called for 90 s: without connection");
            await Task.Delay(ActorsLeave);
            Print("the same, when nobody called for 5 min: the actors have left");
        }

        await app.StopAsync();

        void Print(string state) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {state} | {(ManagedHeap.Bytes() - before) / names.Count} |"));
    }

    /// <summary>A machine with other things to do may take longer than an actor is waited for.</summary>
    private static async Task<bool> AnswersAsync(IServerCalls servers, string name, CancellationToken ct)
    {
        try
        {
            await servers.GetStatusAsync(new ServerId(name), ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static Task EachAsync(IEnumerable<string> names, Func<string, CancellationToken, ValueTask> use) =>
        Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, use);
}
