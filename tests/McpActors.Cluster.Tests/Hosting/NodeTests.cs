using System.Diagnostics;
using Akka.Cluster;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Membership;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Servers;
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
        output.WriteLine($"ready after {watch.ElapsedMilliseconds} ms, of which the actor system {node.Get<INodeReadiness>().Took}");
        var cluster = Akka.Cluster.Cluster.Get(node.System);

        cluster.SelfMember.Status.ShouldBe(MemberStatus.Up);
        NodeNames.RolesOf(cluster.SelfMember).ShouldBe([NodeSettings.FrontRole, NodeSettings.WorkerRole], ignoreOrder: true);
        cluster.Settings.DowningProviderType.Name.ShouldBe("SplitBrainResolverProvider");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    /// <summary>Otherwise sharding stops the actor of a server by force: a call that takes longer loses its connection, and what a slow journal would still take is lost.</summary>
    [Fact]
    public async Task Actors_that_move_are_done_before_sharding_loses_patience()
    {
        await using var node = await TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")));

        // What sharding leaves itself of its time, it takes from the actors.
        var patience = node.System.Settings.Config.GetTimeSpan("akka.cluster.sharding.handoff-timeout") - TimeSpan.FromSeconds(5);
        (ServerNode.DefaultHandOffTime + RecorderSettings.Default.DrainTimeout).ShouldBeLessThanOrEqualTo(patience - TimeSpan.FromSeconds(1));
    }

    public void Dispose() => _folder.Dispose();
}
