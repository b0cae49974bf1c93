using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Routing;
using McpActors.Core.Servers;

namespace McpActors.Core.Tests.Discovery;

public sealed class CatalogueMergeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Overlay_wins_hides_and_adds()
    {
        var file = new CatalogueFile([Server("files", "1"), Server("old", "1"), Server("search", "1")], "hash");
        OverlayEntry[] overlay = [Entry("files", "v2"), Entry("old", null), Entry("new", "v3")];

        var merged = CatalogueMerge.Merge(file, overlay, 9, new TextReader());

        merged.Faults.ShouldBeEmpty();
        merged.Table.Servers.Select(server => $"{server.Id}={server.Revision}").ShouldBe(["files=v2", "new=v3", "search=1"]);
        merged.Table.FindRoute(new ServerId("search"))!.Source.ShouldBe(SourceName.File);
        merged.Table.FindRoute(new ServerId("new"))!.Source.ShouldBe(SourceName.Api);
        merged.Table.Revision.ShouldBe(9);
    }

    [Fact]
    public void Entry_that_cannot_be_read_leaves_the_file_in_force_and_is_named()
    {
        var merged = CatalogueMerge.Merge(new CatalogueFile([Server("files", "1")], "hash"), [Entry("files", "bad")], 1, new TextReader());

        merged.Table.Find(new ServerId("files"))!.Revision.ShouldBe("1");
        merged.Faults.ShouldHaveSingleItem().Faults.ShouldBe(["bad"]);
    }

    [Fact]
    public void Difference_names_each_server_once()
    {
        var old = Table(Server("same", "1"), Server("gone", "1"), Server("other", "1"));
        var diff = CatalogueDiff.Between(old, Table(Server("same", "1"), Server("other", "2"), Server("new", "1")));

        diff.Added.Select(server => server.Id.Value).ShouldBe(["new"]);
        diff.Removed.Select(server => server.Id.Value).ShouldBe(["gone"]);
        diff.Changed.Select(server => server.Revision).ShouldBe(["2"]);
        CatalogueDiff.Between(old, old).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Definition_of_the_product_reader_is_read_with_the_defaults_of_the_file()
    {
        var result = new ServerDefinitionReader().Read(new ServerId("files"), """{"url":"http://127.0.0.1:1/mcp","idleStop":"5m"}"""u8.ToArray(), ServerDefinition.Default);
        result.Model.ShouldNotBeNull().IdleStop.ShouldBe(TimeSpan.FromMinutes(5));

        var wrong = new ServerDefinitionReader().Read(new ServerId("files"), """{"url":"http://127.0.0.1:1/mcp","idelStop":"5m"}"""u8.ToArray(), ServerDefinition.Default);
        wrong.Model.ShouldBeNull();
        wrong.Faults.ShouldHaveSingleItem().ShouldContain("idelStop");
    }

    [Fact]
    public void Some_settings_are_added_to_those_below_and_leave_the_others_as_they_are()
    {
        var below = Read("""
            {
              "url": "http://127.0.0.1:1/mcp",
              "headers": { "Authorization": "Bearer old", "X-Team": "a" },
              "labels": { "team": "a", "tier": "1" },
              "timeout": { "call": "7s", "connect": "3s" },
              "tools": { "drop_table": { "hidden": true }, "search": { "hidden": true } }
            }
            """);

        var model = Read(
            """
            {
              "headers": { "authorization": "Bearer new", "x-team": null },
              "labels": { "team": null, "zone": "b" },
              "timeout": { "call": "5s" },
              "tools": { "search": { "effect": "readOnly" } }
            }
            """,
            below);

        model.Url.ShouldBe(below.Url);
        model.Headers.ShouldHaveSingleItem().Value.ShouldBe("Bearer new");
        model.Labels.OrderBy(label => label.Key).ShouldBe([new("tier", "1"), new("zone", "b")]);
        model.Timeout.ShouldBe(below.Timeout with { Call = TimeSpan.FromSeconds(5) });
        model.Tools["drop_table"].ShouldBe(below.Tools["drop_table"]);
        model.Tools["search"].Hidden.ShouldBeTrue();
        model.Tools["search"].Effect.ShouldNotBe(below.Tools["search"].Effect);
        Read("{}", below).Revision.ShouldBe(below.Revision, "nothing is said, and nothing is lost");
    }

    [Fact]
    public void Some_settings_replace_lists_and_keep_what_a_process_is_started_by()
    {
        var below = Read("""{ "command": "tool", "args": ["a", "b"], "env": { "A": "1", "B": "2" }, "cwd": "/srv" }""");

        var model = Read("""{ "args": ["c"], "env": { "B": "3" } }""", below);

        (model.Command, model.WorkingDirectory).ShouldBe((below.Command, below.WorkingDirectory));
        model.Arguments.ShouldBe(["c"]);
        model.Environment.OrderBy(variable => variable.Key).ShouldBe([new("A", "1"), new("B", "3")]);
    }

    private static ServerModel Read(string json, ServerModel? below = null) =>
        new ServerDefinitionReader().Read(new ServerId("files"), Encoding.UTF8.GetBytes(json), ServerDefinition.Default, below).Model.ShouldNotBeNull();

    private static RouteTable Table(params ServerModel[] servers) => new(servers.Select(server => new ServerRoute(server, SourceName.File)), 1, "hash");

    private static OverlayEntry Entry(string id, string? text)
    {
        ReadOnlyMemory<byte>? definition = null;
        if (text is not null)
            definition = Encoding.UTF8.GetBytes(text);
        return new OverlayEntry(new ServerId(id), definition, "anna", Now);
    }

    private static ServerModel Server(string id, string revision) => new()
    {
        Id = new ServerId(id),
        Title = id,
        Transport = ServerTransport.Http,
        Url = new Uri("http://127.0.0.1:1/mcp"),
        Revision = revision,
    };

    private sealed class TextReader : IServerDefinitionReader
    {
        public ServerDefinitionResult Read(ServerId id, ReadOnlyMemory<byte> definition, ServerDefinition defaults, ServerModel? below = null)
        {
            var text = Encoding.UTF8.GetString(definition.Span);
            return text.StartsWith('v') ? new ServerDefinitionResult(Server(id.Value, text), []) : new ServerDefinitionResult(null, [text]);
        }
    }
}
