using System.Collections.Concurrent;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Membership;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Sessions;
using McpActors.Core.Servers;
using McpActors.Core.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Tests.Hosting;

public sealed class TwoNodesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    /// <summary>Every message crosses a socket under strict serialization; what lacks a form on the wire is lost and shows here.</summary>
    [Fact]
    public async Task Second_node_shares_sessions_and_catalogue_with_the_first()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using var first = await TestNode.StartAsync(settings);
        var address = ClusterExtension.Get(first.System).SelfAddress;
        await using var second = await TestNode.StartAsync(settings with { Seeds = [$"{address.Host}:{address.Port}"] });

        var opened = new List<SessionInfo>();
        for (var i = 0; i < 12; i++)
            opened.Add(await first.Get<ISessions>().OpenAsync(new SessionOpen("files", SessionLifeTests.Profile, "anna"), Soon));
        foreach (var info in opened)
        {
            (await second.Get<ISessions>().FindAsync(info.Id, Soon)).ShouldNotBeNull().Principal.ShouldBe("anna");
            second.Get<ISessions>().Touch(info.Id);
        }

        (await second.Get<ICatalogue>().PutServerAsync(new ServerId("added"), """{"url":"http://127.0.0.1:1/mcp"}"""u8.ToArray(), "anna", Soon))
            .ShouldBeOfType<OverlayResult.Done>();
        second.Get<ICatalogue>().Current.Find(new ServerId("added")).ShouldNotBeNull();
        await UntilAsync(() => first.Get<ICatalogue>().Current.Find(new ServerId("added")) is not null);

        foreach (var info in opened)
            (await first.Get<ISessions>().CloseAsync(info.Id, SessionEnd.Closed, Soon)).ShouldBeTrue();
        await UntilAsync(() => second.Get<ISessions>().Count == 0);
    }

    [Fact]
    public async Task Node_that_is_no_worker_has_the_way_to_the_singletons_and_runs_none()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using var worker = await TestNode.StartAsync(settings);
        var address = ClusterExtension.Get(worker.System).SelfAddress;
        var logs = new ConcurrentQueue<string>();
        await using var front = await TestNode.StartAsync(
            settings with { Seeds = [$"{address.Host}:{address.Port}"], Roles = [NodeSettings.FrontRole] },
            services: services => services.AddLogging(logging => logging.AddProvider(new ErrorLog(logs))));

        (await front.Get<ICatalogue>().PutServerAsync(new ServerId("added"), """{"url":"http://127.0.0.1:1/mcp"}"""u8.ToArray(), "anna", Soon))
            .ShouldBeOfType<OverlayResult.Done>();
        logs.ShouldBeEmpty();
        var places = await front.Get<Singletons>().FindAsync(Soon);
        places.Count.ShouldBe(4);
        places.ShouldAllBe(found => found.Node == address.ToString());
    }

    [Fact]
    public async Task Two_nodes_of_one_name_say_so_until_one_has_left()
    {
        var settings = TestNode.Settings(_folder.File("node.db")) with { Name = "twin \"1\"", NamesakePatience = TimeSpan.FromSeconds(1) };
        await using var first = await TestNode.StartAsync(settings);
        var address = ClusterExtension.Get(first.System).SelfAddress;
        first.Get<Namesakes>().Text.ShouldBeNull();
        await using (var second = await TestNode.StartAsync(settings with { Seeds = [$"{address.Host}:{address.Port}"] }))
        {
            await UntilAsync(() => first.Get<Namesakes>().Text is not null && second.Get<Namesakes>().Text is not null);
            second.Get<Namesakes>().Text!.ShouldContain($"{address.Host}:{address.Port}");
            second.Get<Namesakes>().Text!.ShouldContain("'twin \"1\"'");
            ClusterExtension.Get(second.System).State.Members.ShouldAllBe(member => NodeNames.RolesOf(member).Order().SequenceEqual(new[] { "front", "worker" }));
        }

        await UntilAsync(() => first.Get<Namesakes>().Text is null);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var limit = Soon;
        while (!condition())
            await timer.WaitForNextTickAsync(limit);
    }

    private sealed class ErrorLog(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                lines.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
