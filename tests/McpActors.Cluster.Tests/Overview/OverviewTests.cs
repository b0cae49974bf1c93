using McpActors.Cluster.Overview;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Cluster.Tests.Sessions;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Sessions;
using Microsoft.Extensions.DependencyInjection;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Overview;

/// <summary>A real node that is looked at: what does not run is told from the journal, and stays asleep.</summary>
public sealed class OverviewTests : IDisposable
{
    private static readonly ServerModel Files = new()
    {
        Id = new ServerId("files"),
        Title = "files",
        Transport = ServerTransport.Http,
        Url = new Uri("http://127.0.0.1:1/mcp"),
        Revision = "1",
    };

    private static readonly ServerModel Never = Files with { Id = new ServerId("never"), Title = "never" };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    [Fact]
    public async Task Server_that_does_not_run_is_told_from_the_journal_and_stays_asleep()
    {
        await using (var first = await StartAsync())
        {
            await first.Get<IServerCalls>().OperateAsync(new SetCircuitMode(Files.Id, OperatorCircuitMode.ForcedOpen, "maintenance", null, "anna"), Soon);
            var runs = (await first.Get<IOverview>().ServersAsync([Files, Never], Soon))[0];
            runs.Running.ShouldBeTrue();
            runs.Status.ShouldNotBeNull().OwnerNode.ShouldNotBeNull();
        }

        await using var node = await StartAsync();
        var seen = await node.Get<IOverview>().ServersAsync([Files, Never], Soon);

        seen.Select(server => server.Running).ShouldBe([false, false]);
        var files = seen[0].Status.ShouldNotBeNull();
        files.Circuit.State.ShouldBe(CircuitPhase.Open);
        files.Circuit.Mode.ShouldBe(CircuitMode.ForcedOpen);
        files.Circuit.Reason.ShouldBe("maintenance");
        files.OwnerNode.ShouldBeNull();
        seen[1].Status.ShouldNotBeNull().Condition.ShouldBe(ServerCondition.Idle);
        node.Get<LocalServers>().Serving.Select(server => server.Key).ShouldNotContain(Files.Id);
        var shards = await node.Get<IOverview>().ShardsAsync(ServerRegion.Name, Soon);
        shards.Items.SelectMany(shard => shard.Shard.Entities).ShouldNotContain("files");
        // The same as its actor says once it is woken.
        var woken = await node.Get<IServerCalls>().GetStatusAsync(Files.Id, Soon);
        woken.Circuit.ShouldBe(files.Circuit);
        (woken.Condition, woken.Reason, woken.Recovered).ShouldBe((files.Condition, files.Reason, files.Recovered));
    }

    [Fact]
    public async Task Server_is_told_from_its_snapshot_and_the_events_after_it()
    {
        var orders = 60;
        await using (var first = await StartAsync())
        {
            for (var i = 1; i <= orders; i++)
                await first.Get<IServerCalls>().OperateAsync(new SetCircuitMode(Files.Id, OperatorCircuitMode.ForcedOpen, $"order {i}", null, "anna"), Soon);
        }

        await using var node = await StartAsync();

        (await node.Get<IOverview>().ServersAsync([Files], Soon))[0].Status.ShouldNotBeNull().Circuit.Reason.ShouldBe($"order {orders}");
        await using var store = await node.Get<Store>().OpenAsync(Soon);
        (await store.ScalarAsync("SELECT COUNT(*) FROM snapshot WHERE persistence_id = 'server-files'", Soon)).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Session_is_listed_by_its_handle_also_when_only_the_journal_knows_it()
    {
        SessionInfo open, over;
        await using (var first = await StartAsync())
        {
            open = await OpenAsync(first);
            over = await OpenAsync(first);
            await first.Get<ISessions>().SubscribeAsync(open.Id, new ResourceSubscription(Files.Id, "file:///a"), Soon);
            await first.Get<ISessions>().SetLogLevelAsync(open.Id, SessionLogLevel.Error, Soon);
            var live = (await first.Get<IOverview>().SessionsAsync("", 10, Soon)).Items;
            live.Select(session => session.Handle).ShouldBe(new[] { SessionHandle.Of(open.Id), SessionHandle.Of(over.Id) }.Order(StringComparer.Ordinal));
            live.ShouldAllBe(session => session.OwnerNode != null);
            await first.Get<ISessions>().CloseAsync(over.Id, SessionEnd.Closed, Soon);
        }

        await using var node = await StartAsync();
        var found = await node.Get<IOverview>().SessionsAsync("", 10, Soon);

        found.Silent.ShouldBeEmpty();
        var session = found.Items.ShouldHaveSingleItem();
        session.Handle.ShouldBe(SessionHandle.Of(open.Id));
        session.OwnerNode.ShouldBeNull();
        (session.Route, session.Principal, session.LogLevel).ShouldBe(("files", "anna", SessionLogLevel.Error));
        session.Subscriptions.ShouldHaveSingleItem().Uri.ShouldBe("file:///a");
        (await node.Get<IOverview>().FindSessionAsync(session.Handle, Soon)).ShouldBe(open.Id);
        (await node.Get<IOverview>().FindSessionAsync(SessionHandle.Of(over.Id), Soon)).ShouldBeNull();
        (await node.Get<IOverview>().SessionsAsync(session.Handle, 10, Soon)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Sessions_come_by_pages_each_once()
    {
        await using var node = await StartAsync();
        var opened = new List<string>();
        for (var i = 0; i < 7; i++)
            opened.Add(SessionHandle.Of((await OpenAsync(node)).Id));

        var listed = new List<string>();
        while ((await node.Get<IOverview>().SessionsAsync(listed.LastOrDefault() ?? "", 3, Soon)).Items is { Count: > 0 } page)
        {
            page.Count.ShouldBeLessThanOrEqualTo(3);
            listed.AddRange(page.Select(session => session.Handle));
        }

        listed.ShouldBe(opened.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Singletons_and_the_node_are_found()
    {
        await using var node = await StartAsync();
        var self = Akka.Cluster.Cluster.Get(node.System).SelfAddress.ToString();

        var singletons = await node.Get<Singletons>().FindAsync(Soon);
        var (address, glance) = (await node.Get<IOverview>().NodesAsync(Soon)).Items.ShouldHaveSingleItem();

        singletons.Select(singleton => singleton.Place.Name).ShouldContain("discovery");
        singletons.ShouldAllBe(singleton => singleton.Node == self);
        address.ShouldBe(self);
        glance.Version.ShouldBe("test");
    }

    public void Dispose() => _folder.Dispose();

    private Task<TestNode> StartAsync() => TestNode.StartAsync(
        TestNode.Settings(_folder.File("node.db")),
        new CatalogueFile([Files, Never], "h1"),
        services => services.AddSingleton<INodeSelf, TestSelf>());

    private static Task<SessionInfo> OpenAsync(TestNode node) =>
        node.Get<ISessions>().OpenAsync(new SessionOpen("files", SessionLifeTests.Profile, "anna"), Soon);

    private sealed class TestSelf : INodeSelf
    {
        public string Version => "test";

        public DateTimeOffset StartedAt => DateTimeOffset.UnixEpoch;

        public IReadOnlyList<PartGlance> Parts => [];
    }
}
