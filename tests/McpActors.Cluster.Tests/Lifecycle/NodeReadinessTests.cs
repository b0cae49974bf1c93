using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Cluster.Tests.Lifecycle;

public sealed class NodeReadinessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Node_is_ready_only_when_its_steps_are_done()
    {
        var step = new TaskCompletionSource();
        await using var node = await TestNode.StartAsync(
            TestNode.Settings(_folder.File("node.db")),
            services: services => services.AddSingleton(new WarmUpStep("test", (_, _) => step.Task)),
            wait: false);
        var readiness = node.Get<INodeReadiness>();
        readiness.IsReady.ShouldBeFalse();

        step.SetResult();

        await readiness.WhenReady.WaitAsync(TimeSpan.FromSeconds(20));
        readiness.Took.ShouldNotBeNull();
    }

    [Fact]
    public async Task Step_that_fails_does_not_keep_the_node_away()
    {
        await using var node = await TestNode.StartAsync(
            TestNode.Settings(_folder.File("node.db")),
            services: services => services.AddSingleton(new WarmUpStep("test", (_, _) => throw new InvalidOperationException("cold"))));

        node.Get<INodeReadiness>().IsReady.ShouldBeTrue();
    }

    [Fact]
    public async Task Node_told_to_stop_while_it_starts_never_says_ready()
    {
        var step = new TaskCompletionSource();
        var node = await TestNode.StartAsync(
            TestNode.Settings(_folder.File("node.db")),
            services: services => services.AddSingleton(new WarmUpStep("test", (_, _) => step.Task)),
            wait: false);
        var readiness = node.Get<INodeReadiness>();

        await node.StopAsync();

        await Should.ThrowAsync<TaskCanceledException>(() => readiness.WhenReady.WaitAsync(TimeSpan.FromSeconds(20)));
        readiness.IsReady.ShouldBeFalse();
    }

    public void Dispose() => _folder.Dispose();
}
