using System.Text;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Health;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using Microsoft.Extensions.DependencyInjection;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Tests.Discovery;

/// <summary>The configuration has one owner: two nodes, real sockets, files that differ.</summary>
public sealed class RevisionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    [Fact]
    public async Task File_of_one_node_is_in_force_in_all_however_large_it_is()
    {
        await using var first = await StartAsync("a", File("search=1"));
        await using var second = await StartAsync("b", File("search=1"), first);
        Names(second).ShouldBe(["search=1"]);
        second.Get<ICatalogue>().Agreement!.Revision.ShouldBe(1);

        // Far more than a message may hold.
        var large = File("search=2", more: 400_000);
        var result = await second.Get<ICatalogue>().ApplyAsync(large, ordered: true, Soon);

        result.Text.ShouldBeNull();
        (result.Revision, result.IsNew).ShouldBe((2, true));
        Names(second).ShouldBe(["search=2"]);
        await UntilAsync(() => Names(first) is ["search=2"]);
        first.Get<ICatalogue>().File.Hash.ShouldBe(large.Hash);
        first.Get<ICatalogue>().Own.Hash.ShouldNotBe(large.Hash);

        await using var third = await StartAsync("c", File("search=1"), first);
        Names(third).ShouldBe(["search=2"], "its file is one that the cluster had before");
    }

    [Fact]
    public async Task Node_that_starts_again_with_its_old_file_follows_until_it_is_told_otherwise()
    {
        await using var first = await StartAsync("a", File("search=1"));
        var second = await StartAsync("b", File("search=1"), first);
        (await first.Get<ICatalogue>().ApplyAsync(File("search=2"), ordered: false, Soon)).IsNew.ShouldBeTrue();
        await UntilAsync(() => Names(second) is ["search=2"]);
        await second.DisposeAsync();

        await using var again = await StartAsync("b", File("search=1"), first);

        Names(again).ShouldBe(["search=2"]);
        Names(first).ShouldBe(["search=2"]);
        again.Get<ICatalogue>().Agreement!.Revision.ShouldBe(2);
        await UntilAsync(() => again.Get<AlarmBoard>().Raised.Any(alarm => alarm.Event == AlarmEvent.ConfigDrift && alarm.Text.Contains("revision 2", StringComparison.Ordinal)));
        (await again.Get<ICatalogue>().ApplyAsync(File("search=1"), ordered: false, Soon)).IsKept.ShouldBeTrue();
        (await again.Get<ICatalogue>().ApplyAsync(File("search=1"), ordered: true, Soon)).Revision.ShouldBe(3);
        await UntilAsync(() => Names(first) is ["search=1"]);
        again.Get<AlarmBoard>().Raised.ShouldNotContain(alarm => alarm.Event == AlarmEvent.ConfigDrift);
    }

    [Fact]
    public async Task Node_that_cannot_take_a_revision_keeps_the_last_good_one_and_the_changes_of_run_time()
    {
        await using var first = await StartAsync("a", File("search=1"));
        await using var second = await StartAsync("b", File("search=1"), first, missing: "search=2");

        (await first.Get<ICatalogue>().ApplyAsync(File("search=2"), ordered: false, Soon)).IsNew.ShouldBeTrue();
        await UntilAsync(() => second.Get<CatalogueHolder>().Unreadable is not null);

        second.Get<CatalogueHolder>().Unreadable!.Faults.ShouldBe(["search=2 is missing here"]);
        Names(second).ShouldBe(["search=1"]);
        (await first.Get<ICatalogue>().PutServerAsync(new ServerId("added"), """{"url":"http://127.0.0.1:1/mcp"}"""u8.ToArray(), "anna", Soon)).ShouldBeOfType<OverlayResult.Done>();
        await UntilAsync(() => second.Get<ICatalogue>().Current.Find(new ServerId("added")) is not null);
        second.Get<ICatalogue>().Current.Find(new ServerId("search"))!.Revision.ShouldBe("1");

        (await first.Get<ICatalogue>().ApplyAsync(File("search=3"), ordered: false, Soon)).IsNew.ShouldBeTrue();
        await UntilAsync(() => second.Get<ICatalogue>().Current.Find(new ServerId("search"))!.Revision == "3");
        second.Get<CatalogueHolder>().Unreadable.ShouldBeNull();
    }

    /// <summary>One owner: what is not stored is in force nowhere. A changed file is offered on, as if it had been noticed without the order.</summary>
    [Fact]
    public async Task While_the_journal_cannot_be_written_no_file_is_taken_and_a_changed_one_is_when_it_can()
    {
        await using var node = await StartAsync("a", File("search=1"));
        var catalogue = node.Get<ICatalogue>();
        (await catalogue.ApplyAsync(File("search=2"), ordered: false, Soon)).Revision.ShouldBe(2);
        var store = new SqliteStore(node.Get<NodeSettings>().Connection);
        await using (var locker = await store.OpenAsync(Soon))
        {
            await locker.ExecuteAsync("BEGIN EXCLUSIVE", Soon);
            var refused = await catalogue.ApplyAsync(File("search=3"), ordered: true, Soon);
            refused.Revision.ShouldBeNull();
            refused.Text.ShouldNotBeNull();
            Names(node).ShouldBe(["search=2"]);
            await locker.ExecuteAsync("ROLLBACK", Soon);
        }

        await UntilAsync(() => Names(node) is ["search=3"]);
        catalogue.Agreement!.Revision.ShouldBe(3);
    }

    [Fact]
    public async Task Revision_survives_the_whole_cluster()
    {
        await using (var first = await StartAsync("a", File("search=1")))
            (await first.Get<ICatalogue>().ApplyAsync(File("search=2", more: 100_000), ordered: false, Soon)).Revision.ShouldBe(2);

        await using var other = await StartAsync("new", File("search=1"));

        Names(other).ShouldBe(["search=2"]);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<TestNode> StartAsync(string name, CatalogueFile file, TestNode? seed = null, string? missing = null)
    {
        NodeSettings settings = TestNode.Settings(_folder.File("node.db")) with { Name = name };
        if (seed is not null)
        {
            var address = ClusterExtension.Get(seed.System).SelfAddress;
            settings = settings with { Seeds = [$"{address.Host}:{address.Port}"] };
        }

        var node = await TestNode.StartAsync(settings, file, services => services.AddSingleton<IRevisionReader>(new TextReader(missing)));
        // On a slow machine a node says ready before the coordinator has answered.
        await UntilAsync(() => node.Get<ICatalogue>().Agreement is { Hash.Length: > 0 } agreed && agreed.Hash == node.Get<ICatalogue>().File.Hash);
        return node;
    }

    /// <summary>A file with one server, and a comment that makes it large.</summary>
    private static CatalogueFile File(string server, int more = 0)
    {
        var content = Encoding.UTF8.GetBytes(server + '\n' + new string('#', more));
        return TextReader.Parse(new RevisionContent(server + more, content));
    }

    private static List<string> Names(TestNode node) => [.. node.Get<ICatalogue>().Current.Servers.Select(server => $"{server.Id}={server.Revision}")];

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var limit = Soon;
        while (!condition())
            await timer.WaitForNextTickAsync(limit);
    }

    private sealed class TextReader(string? missing) : IRevisionReader
    {
        public RevisionReading Read(RevisionContent revision, CatalogueFile own)
        {
            var file = Parse(revision);
            return missing is not null && Encoding.UTF8.GetString(revision.Packed.Span).StartsWith(missing, StringComparison.Ordinal)
                ? new RevisionReading(null, [$"{missing} is missing here"])
                : new RevisionReading(file, []);
        }

        public static CatalogueFile Parse(RevisionContent content)
        {
            var parts = Encoding.UTF8.GetString(content.Packed.Span).Split('\n')[0].Split('=');
            var server = new ServerModel
            {
                Id = new ServerId(parts[0]),
                Title = parts[0],
                Transport = ServerTransport.Http,
                Url = new Uri("http://127.0.0.1:1/mcp"),
                Revision = parts[1],
            };
            return new CatalogueFile([server], content.Hash) { Content = content.Packed };
        }
    }
}
