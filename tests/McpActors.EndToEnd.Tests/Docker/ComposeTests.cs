using System.Diagnostics;
using System.Net;
using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Docker;

/// <summary>The deployment that users get: the image, the compose file, its certificates and keys, its load balancer.</summary>
[Collection(Alone.Name)]
public sealed class ComposeTests(ITestOutputHelper output)
{
    private const string KillNode = "for p in /proc/[0-9]*; do if [ \"$(cat $p/comm)\" = mcpactors ]; then kill -9 ${p#/proc/}; fi; done";

    [SkippableFact]
    public async Task Cluster_of_containers_serves_through_the_death_and_the_leave_of_a_node_and_stops_within_its_grace()
    {
        await DockerEngine.RequireAsync();
        var watch = Stopwatch.StartNew();
        await using var cluster = await ComposeCluster.StartAsync();
        Note(watch, "up");
        try
        {
            await cluster.UntilAllAnswerAsync(TimeSpan.FromSeconds(60));
            await ProtectedAsync(cluster);
            Note(watch, "served");
            await KilledAsync(cluster);
            Note(watch, "killed and back");
            await DrainedAsync(cluster);
            Note(watch, "drained and back");
            // By the key that was made for it, over TLS, from all five.
            await cluster.UntilMetricAsync("""sum(up{job="mcpactors"})""", "5");
            await cluster.UntilMetricAsync("""count(count by (server) (mcpactors_circuit_state{state="open"}))""", "3");
            Note(watch, "measured");
            await StoppedAsync(cluster);
            Note(watch, "stopped");
        }
        catch
        {
            output.WriteLine(await cluster.LogsAsync());
            throw;
        }
    }

    /// <summary>Nobody comes in without a key, and nothing in the containers runs as root or can write to the image.</summary>
    private static async Task ProtectedAsync(ComposeCluster cluster)
    {
        using var stranger = cluster.Stranger();
        (await stranger.CallAsync("dual", "echo")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await cluster.ExecAsync("worker-1", "id", "-u")).ShouldBe("1654");
        (await cluster.InspectAsync("worker-1", ".HostConfig.ReadonlyRootfs")).ShouldBe("true");
        (await cluster.InspectAsync("worker-1", ".HostConfig.CapDrop")).ShouldBe("[ALL]");
        (await cluster.InspectAsync("front-1", ".State.Health.Status")).ShouldNotBe("unhealthy");
    }

    private static async Task KilledAsync(ComposeCluster cluster)
    {
        var before = await cluster.InspectAsync("worker-2", ".State.StartedAt");
        var lives = await cluster.LivesAsync();
        await cluster.ExecAsync("worker-2", "sh", "-c", KillNode);

        (await cluster.UntilAllAnswerAsync(TimeSpan.FromSeconds(60))).ShouldBeLessThan(TimeSpan.FromSeconds(30), "balanced: 12 s on a machine that does nothing else");
        await cluster.UntilRestartedAsync("worker-2", before);
        await cluster.UntilMembersAsync(5, lives);
        await cluster.UntilAllAnswerAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>What is in hand when a worker is told to leave is finished; its supervisor brings it back as a fresh node.</summary>
    private static async Task DrainedAsync(ComposeCluster cluster)
    {
        var before = await cluster.InspectAsync("worker-3", ".State.StartedAt");
        var lives = await cluster.LivesAsync();
        var address = await cluster.AddressAsync("worker-3") + ":4053";
        var slow = await SlowCallsAsync(cluster);

        (await cluster.ExecAsync("worker-1", "mcpactors", "drain", address)).ShouldContain(address);

        await cluster.UntilRestartedAsync("worker-3", before);
        await slow;
        await cluster.UntilAllAnswerAsync(TimeSpan.FromSeconds(30));
        await cluster.UntilMembersAsync(5, lives);
    }

    /// <summary>As a user of <c>docker stop</c> sees it: calls in hand are answered, then the front is gone, with exit code 0 and long before it would be killed.</summary>
    private static async Task StoppedAsync(ComposeCluster cluster)
    {
        var slow = await SlowCallsAsync(cluster);
        var watch = Stopwatch.StartNew();
        await cluster.StopAsync("front-2");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(40));
        await slow;
        (await cluster.InspectAsync("front-2", ".State.ExitCode")).ShouldBe("0");
        await cluster.UntilMembersAsync(4);
        await cluster.UntilAllAnswerAsync(TimeSpan.FromSeconds(10));

        watch.Restart();
        await cluster.StopAsync("front-1", "worker-1", "worker-2", "worker-3");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(70), "the whole cluster at once");
        foreach (var node in (string[])["front-1", "worker-1", "worker-2", "worker-3"])
            (await cluster.InspectAsync(node, ".State.ExitCode")).ShouldBe("0", node);
    }

    /// <summary>Two calls of 10 s to each server, over both fronts; all are in hand when this returns. The task in the answer ends when all were answered.</summary>
    private static async Task<Task> SlowCallsAsync(ComposeCluster cluster)
    {
        string[] servers = ["modern", "legacy", "dual"];
        await cluster.UntilBalancedAsync();
        var calls = servers.Concat(servers).Select(server => cluster.Caller.CallAsync(server, "slow", new { ms = 10_000 })).ToList();
        foreach (var server in servers)
            await cluster.UntilInFlightAsync(server, 2);
        return AnsweredAsync();

        async Task AnsweredAsync()
        {
            foreach (var (status, body) in await Task.WhenAll(calls))
                status.ShouldBe(HttpStatusCode.OK, body?.ToJsonString());
        }
    }

    private void Note(Stopwatch watch, string what) => output.WriteLine($"{watch.Elapsed.TotalSeconds,6:0.0} s  {what}");
}
