using McpActors.Cluster.Feed;

namespace McpActors.Cluster.Tests.Feed;

public sealed class TransitionFeedTests
{
    private readonly TransitionFeed _feed = new(0x1a2b);

    [Fact]
    public void Reader_goes_on_after_the_last_event_it_knows()
    {
        Add(5);
        var first = _feed.Read(0, 3);

        first.Entries.Select(entry => entry.Transition.Subject).ShouldBe(["0", "1", "2"]);
        first.Missed.ShouldBe(0);
        _feed.PlaceAfter(first.Entries[^1].Id).ShouldBe(3);
        _feed.Read(3, 100).Entries.Select(entry => entry.Transition.Subject).ShouldBe(["3", "4"]);
        _feed.Read(_feed.End, 100).Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Reader_that_fell_back_is_told_how_much_it_missed()
    {
        Add(TransitionFeed.Capacity + 10);

        var page = _feed.Read(4, 2);

        page.Missed.ShouldBe(6);
        page.Entries.Select(entry => entry.Transition.Subject).ShouldBe(["10", "11"]);
        page.Next.ShouldBe(12);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("00001a2b-")]
    [InlineData("00001a2b-5")]
    [InlineData("00001a2b--1")]
    [InlineData("00001a2c-0")]
    public void Place_of_another_life_or_of_the_future_is_not_known(string id)
    {
        Add(5);
        _feed.PlaceAfter(id).ShouldBeNull();
    }

    [Fact]
    public async Task Waiting_reader_is_woken_by_the_next_one()
    {
        Add(1);
        _feed.WhenMoreAsync(0).IsCompleted.ShouldBeTrue();
        var more = _feed.WhenMoreAsync(1);
        more.IsCompleted.ShouldBeFalse();

        Add(1);

        await more.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private void Add(int count)
    {
        for (var i = 0; i < count; i++)
            _feed.Add(new Transition(TransitionKind.Circuit, i.ToString(System.Globalization.CultureInfo.InvariantCulture), "circuitOpened", "", DateTimeOffset.UnixEpoch, "n"));
    }
}
