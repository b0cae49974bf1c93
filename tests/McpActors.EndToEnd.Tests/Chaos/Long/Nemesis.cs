using System.Net;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Chaos.Long;

/// <summary>What disturbs a cluster, again and again. Made anew for each cluster; what it needs beside it ends with it.</summary>
internal abstract class Nemesis : IAsyncDisposable
{
    /// <summary>For what may take as long as the machine needs.</summary>
    protected static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>Whether calls may fail in a way that is told them. A rolling restart fails none.</summary>
    public virtual bool MayFailCalls => true;

    /// <summary>The one of a run.</summary>
    /// <param name="run">Its name.</param>
    /// <param name="server">The journal's server.</param>
    public static Nemesis Create(string run, PostgresServer server) => run switch
    {
        "kills" => new Kills(),
        "restarts" => new Restarts(),
        "partitions" => new Partitions(),
        "pauses" => new Pauses(),
        "flaps" => new Flaps(),
        "loss" => new Loss(),
        "disk" => new FullDisk(),
        "journal" => new StoppedJournal(server),
        _ => throw new ArgumentOutOfRangeException(nameof(run), run, "no such run"),
    };

    /// <summary>Prepares what the nodes run in.</summary>
    public virtual Task<ChaosSettings> SetUpAsync(ChaosSettings settings) => Task.FromResult(settings);

    /// <summary>Disturbs the cluster once, until it is whole again.</summary>
    public abstract Task StrikeAsync(ChaosCluster cluster, Strike strike, Random random);

    /// <inheritdoc />
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The members as a node sees them, each with its uid.</summary>
    protected static async Task<string> MembersAsync(SupervisedNode node) => (await node.At.StateAsync("/cluster/members"))["members"]!.ToJsonString();
}

/// <summary>C1: kill -9 of a random node.</summary>
internal sealed class Kills : Nemesis
{
    public override async Task StrikeAsync(ChaosCluster cluster, Strike strike, Random random)
    {
        var victim = random.Next(cluster.Nodes.Count);
        strike.Begin($"kill -9 of node {victim}");
        await cluster.Nodes[victim].KillAsync();
        strike.Took("whole again", await cluster.UntilWholeAsync(Limit));
    }
}

/// <summary>C16: every node in turn is told to stop and started again.</summary>
internal sealed class Restarts : Nemesis
{
    public override bool MayFailCalls => false;

    public override async Task StrikeAsync(ChaosCluster cluster, Strike strike, Random random)
    {
        strike.Begin("restart of all nodes");
        for (var node = 0; node < cluster.Nodes.Count; node++)
        {
            var begun = cluster.History.Now;
            var exit = await cluster.Nodes[node].StopAsync();
            strike.Took("a node left", cluster.History.On(exit.At) - begun);
            if (exit.Code != 0)
                strike.Breach($"node {node} ended with {exit.Code}");
            await cluster.UntilWholeAsync(Limit);
        }

        strike.Took("all nodes", cluster.History.Now - strike.At);
    }
}

/// <summary>C2: a node is halted for 3, 15 or 60 s.</summary>
internal sealed class Pauses : Nemesis
{
    private static readonly int[] s_seconds = [3, 15, 3, 60];

    public override async Task StrikeAsync(ChaosCluster cluster, Strike strike, Random random)
    {
        var (victim, seconds) = (random.Next(cluster.Nodes.Count), s_seconds[(strike.Number - 1) % s_seconds.Length]);
        var node = cluster.Nodes[victim];
        var (members, exits) = (await MembersAsync(node), node.Exits.Count);
        await using var lag = new MachineLag();
        strike.Begin($"SIGSTOP of node {victim} for {seconds} s");
        node.Halt();
        await ChaosCluster.CalmAsync(seconds);
        node.Continue();
        var woken = cluster.History.Now;
        if (seconds == 3)
        {
            await ChaosCluster.CalmAsync(15);
            if (lag.IsTolerable && (node.Exits.Count != exits || await MembersAsync(node) != members))
                strike.Breach("a pause of 3 s changed the membership");
            strike.Took("the machine was late", lag.Worst);
            await cluster.UntilWholeAsync(Limit);
            return;
        }

        var exit = await node.EndAfterAsync(exits, Limit);
        strike.Took("woken until its end", cluster.History.On(exit.At) - woken);
        strike.Took("whole again", await cluster.UntilWholeAsync(Limit));
    }
}

/// <summary>C6: the disk of the journal, here SQLite on a small one of its own, is full for 20 s. Needs Linux and root.</summary>
internal sealed class FullDisk : Nemesis
{
    private static readonly TimeSpan s_mountLimit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private bool _mounted;
    private int _orders;

    public override async Task<ChaosSettings> SetUpAsync(ChaosSettings settings)
    {
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", _folder.Path);
        _mounted = true;
        return settings with { Postgres = null, Folder = _folder.Path };
    }

    public override async Task StrikeAsync(ChaosCluster cluster, Strike strike, Random random)
    {
        var node = cluster.Nodes[random.Next(cluster.Nodes.Count)];
        strike.Begin("the disk of the journal is full");
        var ballast = _folder.File("ballast");
        await FillAsync(ballast);
        strike.Took("an order refused", await node.UntilAsync(async () => await OrderAsync(node) != HttpStatusCode.OK, "refusing orders", Limit));
        await ChaosCluster.CalmAsync(20);
        var begun = cluster.History.Now;
        if (await OrderAsync(node) is var answer and not HttpStatusCode.ServiceUnavailable)
            strike.Breach($"an order was answered with {answer}");
        strike.Took("refusing an order", cluster.History.Now - begun);
        File.Delete(ballast);
        strike.Took("orders again", await node.UntilAsync(async () => await OrderAsync(node) == HttpStatusCode.OK, "taking orders", Limit));
        strike.Took("whole again", await cluster.UntilWholeAsync(Limit));
    }

    public override async ValueTask DisposeAsync()
    {
        if (_mounted)
            await RunAsync("umount", "-l", _folder.Path);
        _folder.Dispose();
        await base.DisposeAsync();
    }

    // Whatever is left, byte by byte in the end: what the database had reserved it may still fill.
    private static async Task FillAsync(string file)
    {
        var piece = new byte[64 * 1024];
        await using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = piece.Length; size > 0;)
        {
            try
            {
                await stream.WriteAsync(piece.AsMemory(0, size));
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    // Each changes something, so that each is an event.
    private async Task<HttpStatusCode> OrderAsync(SupervisedNode node)
    {
        var mode = ++_orders % 2 == 0 ? "forcedOpen" : "forcedClosed";
        return (await node.At.OperateAsync(HttpMethod.Put, $"/api/v1/servers/{ChaosServers.Trips}/circuit", new { mode, reason = "the disk", ttl = "1h" })).Status;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var result = await ProgramRun.RunAsync(program, arguments, "/", s_mountLimit);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result}");
    }
}
