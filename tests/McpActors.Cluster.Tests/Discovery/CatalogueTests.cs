using System.Text;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Cluster.Tests.Discovery;

public sealed class CatalogueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task Run_time_servers_survive_a_restart_and_win_over_the_file()
    {
        var file = File("hash-1", [Server("files", "1"), Server("search", "1"), Server("old", "1")]);
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using (var first = await StartAsync(settings, file))
        {
            var catalogue = first.Get<ICatalogue>();
            catalogue.Agreement.ShouldNotBeNull().Hash.ShouldBe("hash-1");
            (await catalogue.PutServerAsync(new ServerId("added"), "v7"u8.ToArray(), "anna", Soon)).ShouldBeOfType<OverlayResult.Done>().Created.ShouldBeTrue();
            (await catalogue.PutServerAsync(new ServerId("files"), "v2"u8.ToArray(), "anna", Soon)).ShouldBeOfType<OverlayResult.Done>().Created.ShouldBeFalse();
            (await catalogue.RemoveServerAsync(new ServerId("old"), "bert", Soon)).ShouldBeOfType<OverlayResult.Done>();
            Names(catalogue).ShouldBe(["added=v7", "files=v2", "search=1"]);
        }

        await using var second = await StartAsync(settings, file);
        var again = second.Get<ICatalogue>();
        Names(again).ShouldBe(["added=v7", "files=v2", "search=1"]);
        again.Current.FindRoute(new ServerId("files"))!.Source.ShouldBe(SourceName.Api);
        again.Current.Revision.ShouldBe(4);
        again.Overlay.Single(entry => entry.Server.Value == "old").Who.ShouldBe("bert");

        (await again.RestoreServerAsync(new ServerId("old"), "bert", Soon)).ShouldBeOfType<OverlayResult.Done>();
        (await again.RestoreServerAsync(new ServerId("files"), "bert", Soon)).ShouldBeOfType<OverlayResult.Done>().Revision.ShouldBe(6);
        Names(again).ShouldBe(["added=v7", "files=1", "old=1", "search=1"]);
        (await again.RemoveServerAsync(new ServerId("nobody"), "bert", Soon)).ShouldBeOfType<OverlayResult.Missing>();
    }

    [Fact]
    public async Task Same_file_makes_no_new_revision_and_another_one_does()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using (var first = await StartAsync(settings, File("hash-1", [Server("files", "1")])))
            first.Get<ICatalogue>().Agreement!.Revision.ShouldBe(1);

        await using var second = await StartAsync(settings, File("hash-1", [Server("files", "1")]));
        var catalogue = second.Get<ICatalogue>();
        catalogue.Agreement!.Revision.ShouldBe(1);
        var changes = new List<CatalogueChanged>();
        catalogue.Changed += changes.Add;

        var result = await catalogue.ApplyAsync(File("hash-2", [Server("files", "2"), Server("more", "1")]), ordered: false, Soon);

        result.Revision.ShouldBe(2);
        result.Diff.Added.Single().Id.Value.ShouldBe("more");
        result.Diff.Changed.Single().Revision.ShouldBe("2");
        changes.Single().Diff.Added.Single().Id.Value.ShouldBe("more");
        catalogue.Agreement!.Hash.ShouldBe("hash-2");
    }

    [Fact]
    public async Task Wrong_definition_changes_nothing_and_says_what_is_wrong()
    {
        await using var node = await StartAsync(TestNode.Settings(_folder.File("node.db")), File("hash-1", [Server("files", "1")]));
        var catalogue = node.Get<ICatalogue>();

        var result = await catalogue.PutServerAsync(new ServerId("files"), "bad"u8.ToArray(), "anna", Soon);

        result.ShouldBeOfType<OverlayResult.Invalid>().Faults.ShouldBe(["servers.files: expected v"]);
        Names(catalogue).ShouldBe(["files=1"]);
        catalogue.Overlay.ShouldBeEmpty();
    }

    [Fact]
    public async Task Node_with_another_number_of_shards_leaves()
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using (await StartAsync(settings, CatalogueFile.Empty))
        {
        }

        await using var second = await StartAsync(settings with { Shards = 64 }, CatalogueFile.Empty, wait: false);

        await second.System.WhenTerminated.WaitAsync(Soon);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<TestNode> StartAsync(Cluster.Hosting.NodeSettings settings, CatalogueFile file, bool wait = true) =>
        TestNode.StartAsync(settings, file, services => services.AddSingleton<IServerDefinitionReader, TextReader>(), wait);

    private static CatalogueFile File(string hash, IReadOnlyList<ServerModel> servers) => new(servers, hash);

    private static List<string> Names(ICatalogue catalogue) =>
        [.. catalogue.Current.Servers.Select(server => $"{server.Id}={server.Revision}")];

    private static ServerModel Server(string id, string revision) => new()
    {
        Id = new ServerId(id),
        Title = id,
        Transport = ServerTransport.Http,
        Url = new Uri("http://127.0.0.1:1/mcp"),
        Revision = revision,
    };

    /// <summary>Takes a definition that begins with a v as a model of that revision.</summary>
    private sealed class TextReader : IServerDefinitionReader
    {
        public ServerDefinitionResult Read(ServerId id, ReadOnlyMemory<byte> definition, ServerDefinition defaults, ServerModel? below = null)
        {
            var text = Encoding.UTF8.GetString(definition.Span);
            return text.StartsWith('v')
                ? new ServerDefinitionResult(Server(id.Value, text), [])
                : new ServerDefinitionResult(null, [$"servers.{id}: expected v"]);
        }
    }
}
