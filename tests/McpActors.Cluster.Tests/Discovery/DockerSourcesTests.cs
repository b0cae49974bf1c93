using System.Collections.Immutable;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Discovery.Sources;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Containers;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;
using McpActors.Transports.Docker;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Cluster.Tests.Discovery;

/// <summary>A whole node with an engine that the test plays.</summary>
public sealed class DockerSourcesTests : IDisposable
{
    private static readonly ServerId Boxed = new("boxed");

    private readonly TemporaryFolder _folder = new();
    private readonly PlayedEngine _engine = new();

    [Fact]
    public async Task A_labelled_container_is_a_server_that_follows_its_address_and_outlives_the_engine()
    {
        _engine.Runs("172.17.0.2");
        await using var node = await StartAsync(enabled: true);
        await UntilAsync(() => UrlOf(node) == "http://172.17.0.2:7000/mcp");
        node.Get<ICatalogue>().Current.FindRoute(Boxed)!.Source.Kind.ShouldBe(Core.Routing.ServerSource.Docker);

        // Told by the engine, not seen by the next listing, which is half a minute away.
        _engine.Runs("172.17.0.3");
        _engine.Tell();
        await UntilAsync(() => UrlOf(node) == "http://172.17.0.3:7000/mcp");

        _engine.Fault = "no engine answers at unix:///here";
        _engine.End();
        await UntilAsync(async () => (await StatusAsync(node))?.LastError == _engine.Fault);
        UrlOf(node).ShouldBe("http://172.17.0.3:7000/mcp", "what the engine said before stays in force");

        _engine.Fault = null;
        _engine.Runs("172.17.0.4");
        await UntilAsync(() => UrlOf(node) == "http://172.17.0.4:7000/mcp");
        (await StatusAsync(node))!.LastError.ShouldBeEmpty();
        _engine.Runs("172.17.0.5");
        await UntilAsync(() => _engine.IsFollowed);
        _engine.Tell();
        await UntilAsync(() => UrlOf(node) == "http://172.17.0.5:7000/mcp");
    }

    [Fact]
    public async Task An_engine_that_is_configured_no_more_is_forgotten()
    {
        _engine.Runs("172.17.0.2");
        await using (var node = await StartAsync(enabled: true))
            await UntilAsync(() => UrlOf(node) is not null);

        await using var without = await StartAsync(enabled: false);

        await UntilAsync(() => UrlOf(without) is null && without.Get<ISources>().State.Sources.IsEmpty);
    }

    public void Dispose() => _folder.Dispose();

    private static string? UrlOf(TestNode node) => node.Get<ICatalogue>().Current.Find(Boxed)?.Url?.AbsoluteUri;

    private static async Task<SourceStatus?> StatusAsync(TestNode node) =>
        (await node.Get<ISources>().GetStatusAsync(CancellationToken.None))?.SingleOrDefault(status => status.Source.Kind == Core.Routing.ServerSource.Docker);

    private Task<TestNode> StartAsync(bool enabled)
    {
        var discovery = new DiscoveryOptions { Docker = new DockerDiscoveryOptions { Enabled = enabled } };
        var file = CatalogueFile.Empty with { Configuration = GatewayConfiguration.Default with { Discovery = discovery } };
        return TestNode.StartAsync(TestNode.Settings(_folder.File("node.db")), file, services => services.AddSingleton<Func<IContainerEngine>>(_ => () => _engine));
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
            await often.WaitForNextTickAsync(limit.Token);
    }

    private sealed class PlayedEngine : IContainerEngine
    {
        private readonly Lock _gate = new();
        private ImmutableList<ContainerFacts> _running = [];
        private (Action Changed, TaskCompletionSource Ended)? _follower;

        public string? RemoteHost => null;

        public string? Fault { get; set; }

        public bool IsFollowed
        {
            get
            {
                lock (_gate)
                    return _follower is not null;
            }
        }

        public void Runs(string address) => _running =
        [
            new ContainerFacts("box", new Dictionary<string, string> { ["mcpactors.server"] = "boxed" })
            {
                Addresses = new Dictionary<string, string> { ["bridge"] = address },
                Ports = [new ContainerPort(7000)],
            },
        ];

        public void Tell()
        {
            lock (_gate)
                _follower?.Changed();
        }

        public void End()
        {
            lock (_gate)
            {
                _follower?.Ended.TrySetResult();
                _follower = null;
            }
        }

        public Task<IReadOnlyList<ContainerFacts>> ListAsync(string label, CancellationToken ct) =>
            Fault is { } fault ? Task.FromException<IReadOnlyList<ContainerFacts>>(new ContainerEngineException(fault)) : Task.FromResult<IReadOnlyList<ContainerFacts>>(_running);

        public async Task FollowAsync(string label, Action changed, CancellationToken ct)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
                _follower = (changed, ended);
            await ended.Task.WaitAsync(ct);
        }

        public void Dispose() => End();
    }
}
