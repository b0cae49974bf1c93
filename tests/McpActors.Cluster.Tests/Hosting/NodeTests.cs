using System.Diagnostics;
using Akka.Cluster;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
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
        cluster.SelfRoles.ShouldBe([NodeSettings.FrontRole, NodeSettings.WorkerRole], ignoreOrder: true);
        cluster.Settings.DowningProviderType.Name.ShouldBe("SplitBrainResolverProvider");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    public void Dispose() => _folder.Dispose();
}
