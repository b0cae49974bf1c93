using System.Buffers;
using System.Text;
using McpActors.Core.Protocol.Sse;

namespace McpActors.Core.Tests.Protocol.Sse;

public sealed class SseParserTests
{
    [Theory]
    [InlineData("data: a\n\n", "a")]
    [InlineData("data:a\r\n\r\n", "a")]
    [InlineData("data:a\r\r", "a")]
    [InlineData("data:  a\n\n", " a")]
    [InlineData("data\n\n", "")]
    [InlineData("data:\ndata:\n\n", "\n")]
    [InlineData("data: {\ndata: }\r\n\n", "{\n}")]
    [InlineData("\uFEFFdata: a\n\n", "a")]
    [InlineData("data: \uFEFFa\n\n", "\uFEFFa")]
    [InlineData(": ping\n\n: ping\ndata: a\n: inner\n\n", "a")]
    [InlineData("datas: a\nDATA: b\n data: c\ndata: d\n\n", "d")]
    [InlineData("data: a\n\ndata: b\n\n", "a|b")]
    [InlineData("\n\n\r\n\r\rdata: a\n\n", "a")]
    [InlineData("data: a\n\ndata: cut\n", "a")]
    [InlineData("data: a: b\n\n", "a: b")]
    [InlineData("", null)]
    [InlineData("data: cut", null)]
    public void Data_is_read_as_the_standard_says(string stream, string? expected)
    {
        var read = SseStreams.ReadWhole(stream);
        (read.Events.Count == 0 ? null : string.Join('|', read.Events.Select(found => found.Data))).ShouldBe(expected);
        read.Failed.ShouldBeFalse();
    }

    [Fact]
    public void Name_id_and_delay_belong_to_their_event_alone()
    {
        var read = SseStreams.ReadWhole("event: endpoint\nid: 7\nretry: 1500\ndata: /messages\n\ndata: b\n\n");
        read.Events.ShouldBe([
            new ReadEvent("/messages", "endpoint", "7", TimeSpan.FromMilliseconds(1500)),
            new ReadEvent("b", "", null, null)]);
    }

    [Theory]
    [InlineData("id: 5\ndata:\n\n", "5")]
    [InlineData("id\ndata: a\n\n", "")]
    [InlineData("id: a\0b\ndata: a\n\n", null)]
    [InlineData("id: 5\nid: a\0b\n\n", "5")]
    [InlineData("id: 1\nid: 2\n\n", "2")]
    public void Id_is_kept_unless_it_holds_NUL(string stream, string? id) =>
        SseStreams.ReadWhole(stream).Events.ShouldHaveSingleItem().Id.ShouldBe(id);

    [Theory]
    [InlineData("retry: 0\n\n", 0.0)]
    [InlineData("retry: 9999999999\n\n", 9999999999.0)]
    [InlineData("retry: -1\ndata: a\n\n", null)]
    [InlineData("retry: 1 \ndata: a\n\n", null)]
    [InlineData("retry:\ndata: a\n\n", null)]
    [InlineData("retry: 99999999999\ndata: a\n\n", null)]
    public void Delay_is_digits_only(string stream, double? milliseconds) =>
        (SseStreams.ReadWhole(stream).Events.ShouldHaveSingleItem().Retry?.TotalMilliseconds).ShouldBe(milliseconds);

    [Theory]
    [InlineData("data: a\n\n", true)]
    [InlineData("event: message\ndata: a\n\n", true)]
    [InlineData("event: endpoint\ndata: a\n\n", false)]
    [InlineData("event: messages\ndata: a\n\n", false)]
    [InlineData("id: 1\ndata:\n\n", false)]
    public void Only_data_under_the_default_name_is_a_message(string stream, bool expected)
    {
        using var parser = new SseParser(1000);
        var bytes = Pieces.Of(Encoding.UTF8.GetBytes(stream), 3);
        parser.Read(bytes, out var found, out _, out _).ShouldBe(SseRead.Event);
        found.IsMessage.ShouldBe(expected);
    }

    [Fact]
    public void Single_data_line_is_a_slice_of_the_input()
    {
        using var parser = new SseParser(1000);
        var bytes = Encoding.UTF8.GetBytes("data: {\"a\":1}\n\n");
        parser.Read(new ReadOnlySequence<byte>(bytes), out var found, out _, out _).ShouldBe(SseRead.Event);
        bytes[6] = (byte)'[';
        Encoding.UTF8.GetString(found.Data).ShouldBe("[\"a\":1}");
    }

    [Fact]
    public void Event_ends_at_its_carriage_return_without_waiting_for_the_line_feed()
    {
        using var parser = new SseParser(1000);
        parser.Read(Bytes("data: a\r\n\r"), out var found, out _, out _).ShouldBe(SseRead.Event);
        Encoding.UTF8.GetString(found.Data).ShouldBe("a");
        parser.Read(Bytes("\ndata: b\r\n\r\n"), out found, out _, out _).ShouldBe(SseRead.Event);
        Encoding.UTF8.GetString(found.Data).ShouldBe("b");
    }

    [Fact]
    public void Comments_are_given_back_at_once_and_unfinished_events_are_kept()
    {
        using var parser = new SseParser(1000);
        var input = Bytes(": keep-alive\n\ndata: a\nda");
        parser.Read(input, out _, out var consumed, out var examined).ShouldBe(SseRead.NeedMore);
        Encoding.UTF8.GetString(input.Slice(consumed)).ShouldBe("data: a\nda");
        examined.ShouldBe(input.End);
        parser.IsInsideEvent.ShouldBeTrue();
        parser.Read(Bytes("data: a\ndata: b\n\n"), out var found, out consumed, out examined).ShouldBe(SseRead.Event);
        Encoding.UTF8.GetString(found.Data).ShouldBe("a\nb");
        examined.ShouldBe(consumed);
        parser.IsInsideEvent.ShouldBeFalse();
    }

    [Theory]
    [InlineData("data: 0123456789\n\n", 17, false)]
    [InlineData("data: 0123456789\n\n", 16, true)]
    [InlineData("data: 0123456789\n: a long comment\n\n", 34, false)]
    [InlineData("data: 0123456789\n: a long comment\n\n", 33, true)]
    [InlineData(": short\n\n: short\n\ndata: 0123456789\n\n", 17, false)]
    [InlineData(": a comment that never ends", 20, true)]
    public void Event_above_the_limit_stops_the_stream(string stream, int limit, bool failed)
    {
        foreach (var piece in new[] { 1, 2, 5, 1000 })
        {
            var read = SseStreams.Read(Encoding.UTF8.GetBytes(stream), [piece], limit);
            read.Failed.ShouldBe(failed);
            read.Events.Count.ShouldBe(failed ? 0 : 1);
        }
    }

    [Fact]
    public void Stream_that_failed_stays_failed()
    {
        using var parser = new SseParser(16);
        parser.Read(Bytes("data: 01234567890123456789"), out _, out _, out _).ShouldBe(SseRead.TooLarge);
        parser.Read(Bytes("data: a\n\n"), out _, out _, out _).ShouldBe(SseRead.TooLarge);
    }

    [Fact]
    public void Reading_events_of_one_data_line_allocates_nothing()
    {
        using var parser = new SseParser(100_000);
        var single = Bytes("event: message\nid: 12\ndata: {\"jsonrpc\":\"2.0\"}\n\n");
        var split = Pieces.Of(single.ToArray(), 7);
        Read(parser, single, split);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var events = Read(parser, single, split);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        events.ShouldBe(2000);
    }

    private static int Read(SseParser parser, in ReadOnlySequence<byte> single, in ReadOnlySequence<byte> split)
    {
        var events = 0;
        for (var i = 0; i < 1000; i++)
        {
            events += parser.Read(single, out _, out _, out _) == SseRead.Event ? 1 : 0;
            events += parser.Read(split, out _, out _, out _) == SseRead.Event ? 1 : 0;
        }

        return events;
    }

    private static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.UTF8.GetBytes(text));
}
