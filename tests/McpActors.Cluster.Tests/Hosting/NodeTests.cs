using System.Diagnostics;
using Akka.Cluster;
using McpActors.Cluster.Hosting;
using Xunit.Abstractions;

namespace McpActors.Cluster.Tests.Hosting;

public sealed class NodeTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Node_without_seeds_is_a_cluster_of_one_within_three_seconds()
    {
        var watch = Stopwatch.StartNew();
        await using var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("sub/node.db")));
        output.WriteLine($"host started after {watch.ElapsedMilliseconds} ms");
        var cluster = Akka.Cluster.Cluster.Get(node.System);
        await node.System.UpAsync(TimeSpan.FromSeconds(5));
        output.WriteLine($"up after {watch.ElapsedMilliseconds} ms");

        cluster.SelfMember.Status.ShouldBe(MemberStatus.Up);
        cluster.SelfRoles.ShouldBe([NodeSettings.FrontRole, NodeSettings.WorkerRole], ignoreOrder: true);
        cluster.Settings.DowningProviderType.Name.ShouldBe("SplitBrainResolverProvider");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    public void Dispose() => _folder.Dispose();
}

internal static class NodeExtensions
{
    public static async Task UpAsync(this Akka.Actor.ActorSystem system, TimeSpan limit)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Akka.Cluster.Cluster.Get(system).RegisterOnMemberUp(() => up.TrySetResult());
        await up.Task.WaitAsync(limit);
    }
}
