using FsCheck.Xunit;
using McpActors.Core.Discovery;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Core.Tests.Discovery;

public sealed class DiscoveryDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Any commands: replay gives the same state, and a node that follows the news holds what a node that asks for all is given.</summary>
    [Property(MaxTest = 500)]
    public void News_and_pages_and_replay_agree(byte[] script)
    {
        var state = DiscoveryState.Initial;
        var events = new List<IDiscoveryEvent>();
        var followed = new Dictionary<ServerId, OverlayEntry>();
        foreach (var step in script ?? [])
        {
            var decision = DiscoveryDecider.Decide(state, Command(step), Now);
            if (decision.Event is not { } change)
                continue;
            events.Add(change);
            state = state.Evolve(change);
            if (CatalogueNews.Of(state, change) is not { } news)
                continue;
            news.Revision.ShouldBe(state.Revision);
            if (news.Put is { } put)
                followed[put.Server] = put;
            if (news.Dropped is { } dropped)
                followed.Remove(dropped);
        }

        var replayed = events.Aggregate(DiscoveryState.Initial, (current, next) => current.Evolve(next));
        replayed.Revision.ShouldBe(state.Revision);
        replayed.Hash.ShouldBe(state.Hash);
        var paged = DiscoveryDecider.Pages(state).SelectMany(page => page.Entries).ToDictionary(entry => entry.Server);
        paged.Keys.Order(ById).ShouldBe(followed.Keys.Order(ById));
        paged.ShouldAllBe(pair => followed[pair.Key] == pair.Value);
        replayed.Entries.Count.ShouldBe(paged.Count);
    }

    [Fact]
    public void Pages_stay_small_and_the_first_and_last_say_so()
    {
        var state = DiscoveryState.Initial;
        for (var i = 0; i < 100; i++)
            state = state.Evolve(DiscoveryDecider.Decide(state, new PutEntry(new ServerId($"s{i}"), new byte[i == 50 ? 40_000 : 2_000], "anna"), Now).Event!);

        var pages = DiscoveryDecider.Pages(state);

        pages.Sum(page => page.Entries.Count).ShouldBe(100);
        pages.ShouldAllBe(page => page.Entries.Count == 1 || page.Entries.Sum(entry => entry.Definition!.Value.Length) <= 32 * 1024);
        pages.Select(page => page.First).ShouldBe(Enumerable.Range(0, pages.Count).Select(i => i == 0));
        pages.Select(page => page.Last).ShouldBe(Enumerable.Range(0, pages.Count).Select(i => i == pages.Count - 1));
        DiscoveryDecider.Pages(DiscoveryState.Initial).ShouldHaveSingleItem().Last.ShouldBeTrue();
    }

    [Fact]
    public void Server_of_the_file_is_hidden_and_one_that_is_not_is_forgotten()
    {
        var server = new ServerId("files");
        var hidden = DiscoveryDecider.Decide(DiscoveryState.Initial, new RemoveEntry(server, "anna", InFile: true), Now);
        hidden.Event.ShouldBeOfType<EntryPut>().Entry.Definition.ShouldBeNull();

        DiscoveryDecider.Decide(DiscoveryState.Initial, new RemoveEntry(server, "anna", InFile: false), Now).Reply.ShouldBe([new Missing(server)]);
        var hiddenState = DiscoveryState.Initial.Evolve(hidden.Event!);
        DiscoveryDecider.Decide(hiddenState, new RemoveEntry(server, "anna", InFile: true), Now).Reply.ShouldBe([new Missing(server)]);
    }

    [Fact]
    public void Definition_that_fits_no_message_is_refused() =>
        DiscoveryDecider.Decide(DiscoveryState.Initial, new PutEntry(new ServerId("files"), new byte[60_000], "anna"), Now)
            .Reply.ShouldHaveSingleItem().ShouldBeOfType<Refused>().Reason.ShouldContain("49152");

    [Fact]
    public void Number_of_shards_is_fixed_by_the_first_node()
    {
        var first = DiscoveryDecider.Decide(DiscoveryState.Initial, new Sync(-1, 128), Now);
        var state = DiscoveryState.Initial.Evolve(first.Event.ShouldBeOfType<ShardsFixed>());

        DiscoveryDecider.Decide(state, new Sync(0, 128), Now).Reply.ShouldBe([new InStep(0, "")]);
        DiscoveryDecider.Decide(state, new Sync(-1, 64), Now).Reply.ShouldBe([new ShardsDiffer(128)]);
    }

    [Fact]
    public void File_that_counts_is_asked_for_and_stored_with_its_content()
    {
        var offer = new ApplyFile("h1") { Node = "a", Size = 70_000 };
        DiscoveryDecider.Decide(DiscoveryState.Initial, offer, Now).Reply.ShouldBe([new GetContent("h1", 0)]);

        var content = new byte[70_000];
        var stored = DiscoveryDecider.Decide(DiscoveryState.Initial, offer, Now, content);

        stored.Reply.ShouldBe([new Stored(1, new CatalogueNews(1, "h1", null, null)) { Offer = "h1" }]);
        var state = DiscoveryState.Initial.Evolve(stored.Event.ShouldBeOfType<FileApplied>());
        var first = DiscoveryDecider.Decide(state, new GetContent("h1", 0), Now).Reply.ShouldHaveSingleItem().ShouldBeOfType<ContentPart>();
        first.Total.ShouldBe(70_000);
        var rest = DiscoveryDecider.Decide(state, new GetContent("h1", first.Bytes.Length), Now).Reply.ShouldHaveSingleItem().ShouldBeOfType<ContentPart>();
        (first.Bytes.Length + rest.Bytes.Length).ShouldBe(70_000);
        DiscoveryDecider.Decide(state, new GetContent("other", 0), Now).Reply.ShouldHaveSingleItem().ShouldBeOfType<ContentPart>().Total.ShouldBe(0);
        DiscoveryDecider.Decide(state, new ApplyFile("h2") { Node = "a", Size = 9 << 20 }, Now).Reply.ShouldHaveSingleItem().ShouldBeOfType<Refused>().Offer.ShouldBe("h2");
    }

    [Fact]
    public void Revision_of_a_version_that_kept_the_hash_alone_is_replaced_by_the_first_file()
    {
        var old = DiscoveryState.Initial.Evolve(new FileApplied(1, "old", Now));
        old.Content.ShouldBeNull();

        FileRule.Judge(old, new ApplyFile("h1") { Node = "a" }).ShouldBe(FileVerdict.Apply);
        FileRule.Judge(old, new ApplyFile("old")).ShouldBe(FileVerdict.InForce);
    }

    [Fact]
    public void Impossible_event_throws()
    {
        Should.Throw<InvalidOperationException>(() => DiscoveryState.Initial.Evolve(new FileApplied(2, "hash", Now)));
        Should.Throw<InvalidOperationException>(() => DiscoveryState.Initial.Evolve(new EntryDropped(1, new ServerId("files"), "anna", Now)));
    }

    private static Comparer<ServerId> ById { get; } = Comparer<ServerId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value));

    private static IDiscoveryCommand Command(byte step)
    {
        var server = new ServerId($"s{(step >> 3) & 3}");
        return (step & 7) switch
        {
            0 or 1 or 2 => new PutEntry(server, new[] { step }, "anna"),
            3 => new RemoveEntry(server, "anna", InFile: true),
            4 => new RemoveEntry(server, "anna", InFile: false),
            5 => new DropEntry(server, "anna"),
            6 => new ApplyFile($"hash-{step >> 6}") { Node = $"n{(step >> 4) & 3}" },
            _ => new Sync(step >> 4, 128),
        };
    }
}
