using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Membership;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using FreePorts = McpActors.Testing.FreePorts;

namespace McpActors.Cluster.Tests.Membership;

public sealed class ClusterFormationTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task First_seed_forms_no_second_cluster_while_the_store_shows_others_alive()
    {
        var settings = await SettingsAsync();
        var mark = new ClusterMark(Store.Of(settings.Provider, settings.Connection));
        await mark.RaiseAsync("others", CancellationToken.None);
        using var died = new CancellationTokenSource();
        var others = LiveAsync(mark, died.Token);
        await using var node = await TestNode.StartAsync(settings, wait: false);

        // Long enough for it to have looked several times.
        var seen = await mark.ReadAsync(CancellationToken.None);
        await UntilAsync(async () => await mark.ReadAsync(CancellationToken.None) > seen + 60);
        Akka.Cluster.Cluster.Get(node.System).State.Members.ShouldBeEmpty();

        await died.CancelAsync();
        await others;
        await node.Get<INodeReadiness>().WhenReady.WaitAsync(s_limit);
    }

    [Fact]
    public async Task Last_member_that_leaves_lets_the_next_start_form_at_once()
    {
        var settings = await SettingsAsync();
        var mark = new ClusterMark(Store.Of(settings.Provider, settings.Connection));
        await using (await TestNode.StartAsync(settings))
            await UntilAsync(async () => await mark.ReadAsync(CancellationToken.None) > 0);

        (await mark.ReadAsync(CancellationToken.None)).ShouldBe(0);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<NodeSettings> SettingsAsync()
    {
        var file = _folder.File("node.db");
        var port = FreePorts.Take();
        await StoreSchema.ApplyAsync(new PersistenceOptions { Connection = $"Data Source={file}" }, TimeProvider.System, CancellationToken.None);
        // Nobody listens at the second seed.
        return TestNode.Settings(file) with { BindPort = port, Seeds = [$"127.0.0.1:{port}", "127.0.0.1:1"], FormationLook = TimeSpan.FromSeconds(3) };
    }

    /// <summary>What members of a cluster do that this node does not reach.</summary>
    private static async Task LiveAsync(ClusterMark mark, CancellationToken died)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await timer.WaitForNextTickAsync(died))
                await mark.RaiseAsync("others", CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // Dead.
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(s_limit);
        while (!await condition())
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
