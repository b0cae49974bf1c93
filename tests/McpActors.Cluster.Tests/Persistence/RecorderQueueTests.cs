using McpActors.Cluster.Persistence;

namespace McpActors.Cluster.Tests.Persistence;

public sealed class RecorderQueueTests
{
    private readonly RecorderQueue _queue = new(4);

    [Fact]
    public void Event_replaces_the_waiting_one_of_its_key_and_takes_the_last_place()
    {
        Add(1, "a").ShouldBe(0);
        Add(2, "b").ShouldBe(0);
        Add(3).ShouldBe(0);

        Add(4, "a").ShouldBe(1);

        Taken(10).ShouldBe([2, 3, 4]);
    }

    [Fact]
    public void Event_in_flight_is_not_replaced()
    {
        Add(1, "a");
        Taken(1).ShouldBe([1]);

        Add(2, "a").ShouldBe(0);

        _queue.Settle(1).Count.ShouldBe(1);
        Taken(10).ShouldBe([2]);
    }

    [Fact]
    public void Event_that_comes_back_from_a_failed_write_is_stored_before_the_later_one_of_its_key()
    {
        Add(1, "a");
        Taken(1);
        Add(2, "a");
        _queue.Return().ShouldBeEmpty();

        Add(3, "a").ShouldBe(1);

        Taken(10).ShouldBe([1, 3]);
    }

    [Fact]
    public void Oldest_events_are_given_up_and_their_keys_are_free()
    {
        for (var i = 1; i <= 6; i++)
            Add(i, $"key-{i}");

        _queue.Trim().ShouldBe(2);

        Add(7, "key-1").ShouldBe(0);
        Add(8, "key-3").ShouldBe(1);
        Taken(10).ShouldBe([4, 5, 6, 7, 8]);
    }

    [Fact]
    public void Event_that_must_be_confirmed_is_neither_replaced_nor_given_up()
    {
        _queue.Add(new RecorderProtocol.Record(1, 1, Confirm: true, "a"));
        for (var i = 2; i <= 6; i++)
            Add(i);

        _queue.Trim().ShouldBe(2);
        Add(7, "a").ShouldBe(0);

        Taken(10).ShouldBe([1, 4, 5, 6, 7]);
    }

    private int Add(int id, string? key = null) => _queue.Add(new RecorderProtocol.Record(id, id, Confirm: false, key));

    private IEnumerable<object> Taken(int most) => _queue.TakeBatch(most);
}
