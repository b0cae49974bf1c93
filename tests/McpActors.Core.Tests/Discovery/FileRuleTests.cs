using FsCheck.Xunit;
using McpActors.Core.Discovery;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Core.Tests.Discovery;

/// <summary>Whose file counts.</summary>
public sealed class FileRuleTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whatever nodes offered before: who offers the same again, unasked, changes nothing of what is in force.</summary>
    [Property(MaxTest = 500)]
    public void A_node_that_starts_again_with_its_file_takes_nobody_back(byte[] script, byte node)
    {
        var state = Run(script ?? []);
        var name = $"n{node & 3}";
        if (!state.Offers.TryGetValue(name, out var last))
            return;

        var again = DiscoveryDecider.Decide(state, new ApplyFile(last.Hash) { Node = name }, Now);

        again.Event.ShouldBeNull();
        again.Reply.ShouldHaveSingleItem().ShouldBe(last.Hash == state.Hash
            ? new Stored(state.Revision, null) { Offer = last.Hash }
            : new FileKept(state.Revision, state.Hash, last.Hash));
    }

    /// <summary>Whatever happened before: a file that this node did not bring last, and any that an operator orders, is in force afterwards.</summary>
    [Property(MaxTest = 500)]
    public void A_file_that_its_node_changed_and_one_that_is_ordered_count(byte[] script, byte node, byte file, bool ordered)
    {
        var state = Run(script ?? []);
        var offer = new ApplyFile($"h{file & 7}") { Node = $"n{node & 3}", Ordered = ordered };
        var changed = state.Offers.TryGetValue(offer.Node, out var last) && last.Hash != offer.Hash;
        if (!changed && !ordered)
            return;

        Offer(state, offer).Hash.ShouldBe(offer.Hash);
    }

    /// <summary>A file comes back only by a node that had another one meanwhile, or by an order.</summary>
    [Property(MaxTest = 500)]
    public void A_node_never_heard_of_brings_no_old_file_back(byte[] script, byte file)
    {
        var state = Run(script ?? []);
        var offer = new ApplyFile($"h{file & 7}") { Node = "new" };
        var isOld = state.Applied.Contains(offer.Hash);

        Offer(state, offer).Hash.ShouldBe(isOld ? state.Hash : offer.Hash);
        Offer(state, offer).Offers["new"].Hash.ShouldBe(offer.Hash);
    }

    [Fact]
    public void Rolling_upgrade_makes_one_revision_and_an_old_node_that_crashes_does_not_undo_it()
    {
        var state = DiscoveryState.Initial;
        foreach (var node in (string[])["a", "b", "c"])
            state = Offer(state, new ApplyFile("old") { Node = node });
        state.Revision.ShouldBe(1);

        state = Offer(state, new ApplyFile("new") { Node = "a" });
        state.Revision.ShouldBe(2);
        state = Offer(state, new ApplyFile("old") { Node = "b" });
        state.Hash.ShouldBe("new", "b crashed and came back with what it had");
        state = Offer(state, new ApplyFile("new") { Node = "b" });
        state = Offer(state, new ApplyFile("new") { Node = "c" });
        state.Revision.ShouldBe(2);

        // And back: the first node that is given the old file again brings news.
        state = Offer(state, new ApplyFile("old") { Node = "b" });
        (state.Revision, state.Hash).ShouldBe((3, "old"));
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_the_newest_stays()
    {
        var state = DiscoveryState.Initial;
        for (var i = 0; i < 700; i++)
            state = state.Evolve(new FileApplied(i + 1, $"h{i}", Now.AddSeconds(i)) { Node = $"n{i}", Content = ReadOnlyMemory<byte>.Empty });

        state.Offers.Count.ShouldBe(DiscoveryState.MaxOffers);
        state.Offers.ShouldContainKey("n699");
        state.Offers.ShouldNotContainKey("n0");
        state.Applied.Count.ShouldBe(DiscoveryState.MaxApplied);
        state.Applied[^1].ShouldBe("h699");
    }

    private static DiscoveryState Run(byte[] script) => script.Aggregate(DiscoveryState.Initial, (state, step) =>
        Offer(state, new ApplyFile($"h{step & 7}") { Node = $"n{(step >> 3) & 3}", Ordered = (step >> 5) == 0 }));

    private static DiscoveryState Offer(DiscoveryState state, ApplyFile offer) =>
        DiscoveryDecider.Decide(state, offer, Now).Event is { } change ? state.Evolve(change) : state;
}
