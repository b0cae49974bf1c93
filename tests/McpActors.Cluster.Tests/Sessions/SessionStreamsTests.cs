using McpActors.Cluster.Hosting;
using McpActors.Cluster.Sessions;

namespace McpActors.Cluster.Tests.Sessions;

public sealed class SessionStreamsTests
{
    private readonly SessionStreams _streams = new(new NodeSettings { SessionBufferBytes = 100 });

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token;

    [Fact]
    public async Task Reader_gets_what_is_published_in_order()
    {
        using var stream = _streams.Attach("a", "files").ShouldNotBeNull();
        _streams.Publish("a", Message(1)).ShouldBeTrue();
        _streams.Publish("a", Message(2)).ShouldBeTrue();

        (await stream.ReadAsync(Soon)).Span[0].ShouldBe((byte)1);
        (await stream.ReadAsync(Soon)).Span[0].ShouldBe((byte)2);
        var waiting = stream.ReadAsync(Soon);
        waiting.IsCompleted.ShouldBeFalse();
        _streams.Publish("a", Message(3));
        (await waiting).Span[0].ShouldBe((byte)3);
    }

    [Fact]
    public async Task Slow_reader_loses_the_oldest_and_the_writer_never_waits()
    {
        using var stream = _streams.Attach("a", "files").ShouldNotBeNull();
        for (byte i = 1; i <= 50; i++)
            _streams.Publish("a", Message(i));

        stream.Dropped.ShouldBe(40);
        (await stream.ReadAsync(Soon)).Span[0].ShouldBe((byte)41);
    }

    [Fact]
    public void Message_goes_to_one_stream_of_a_session_the_youngest()
    {
        using var old = _streams.Attach("a", "files").ShouldNotBeNull();
        var young = _streams.Attach("a", "files").ShouldNotBeNull();
        _streams.Publish("a", Message(1));
        young.TryRead(out _).ShouldBeTrue();
        old.TryRead(out _).ShouldBeFalse();

        young.Dispose();
        _streams.Publish("a", Message(2));
        old.TryRead(out _).ShouldBeTrue();
    }

    [Fact]
    public void Route_reaches_each_of_its_sessions_once_and_no_other()
    {
        using var a = _streams.Attach("a", "files").ShouldNotBeNull();
        using var b = _streams.Attach("b", "files").ShouldNotBeNull();
        using var c = _streams.Attach("c", "search").ShouldNotBeNull();

        _streams.PublishToRoute("files", Message(1)).ShouldBe(2);

        a.TryRead(out _).ShouldBeTrue();
        b.TryRead(out _).ShouldBeTrue();
        c.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task End_of_a_session_ends_its_streams()
    {
        using var stream = _streams.Attach("a", "files").ShouldNotBeNull();
        var waiting = stream.WaitToReadAsync(Soon);

        _streams.End("a");

        (await waiting).ShouldBeFalse();
        _streams.IsAttached("a").ShouldBeFalse();
        _streams.Publish("a", Message(1)).ShouldBeFalse();
    }

    [Fact]
    public void Session_has_a_bounded_number_of_streams()
    {
        var open = Enumerable.Range(0, 8).Select(_ => _streams.Attach("a", "files").ShouldNotBeNull()).ToList();

        _streams.Attach("a", "files").ShouldBeNull();

        open[0].Dispose();
        _streams.Attach("a", "files").ShouldNotBeNull();
    }

    [Fact]
    public async Task Streams_that_come_and_go_under_load_lose_no_message_they_have_room_for()
    {
        var streams = new SessionStreams(new NodeSettings());
        using var stream = streams.Attach("a", "files").ShouldNotBeNull();
        var churn = Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
                streams.Attach($"s{i % 7}", "files")?.Dispose();
        });
        var publish = Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
                streams.Publish("a", Message(1));
        });

        for (var i = 0; i < 2_000; i++)
            await stream.ReadAsync(Soon);
        await Task.WhenAll(churn, publish);
        stream.Dropped.ShouldBe(0);
    }

    private static byte[] Message(byte content) => [content, 0, 0, 0, 0, 0, 0, 0, 0, 0];
}
