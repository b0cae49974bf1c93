using System.Text;
using McpActors.Core.Servers.Calls;
using McpActors.Transports.Http;

namespace McpActors.Transports.Tests.Http;

public sealed class EventReaderTests
{
    [Theory]
    [InlineData("data: a\n\ndata: b\n\n", "a|b")]
    [InlineData("data:a\r\n\r\ndata:b\r\n\r\n", "a|b")]
    [InlineData("data: a\r\rdata: b\r\r", "a|b")]
    [InlineData("data: one\ndata: two\n\n", "one\ntwo")]
    [InlineData(": comment\n\ndata: a\n\n: again\n\n", "a")]
    [InlineData("event: message\nid: 7\ndata: a\n\n", "a")]
    [InlineData("\uFEFFdata: a\n\n", "a")]
    [InlineData("data: a\n\ndata: unfinished\n", "a")]
    public async Task Events_are_found_however_the_stream_is_cut(string text, string expected)
    {
        for (var piece = 1; piece <= text.Length; piece++)
        {
            string.Join('|', await ReadAllAsync(text, piece)).ShouldBe(expected, $"in pieces of {piece}");
        }
    }

    [Fact]
    public async Task An_id_and_a_delay_are_kept()
    {
        using var stream = new PiecesStream(Encoding.UTF8.GetBytes("id: 42\nretry: 1500\ndata: a\n\ndata: b\n\n"), 5);
        using var reader = new EventReader(stream, 1000);

        (await reader.ReadAsync(default)).ShouldBeTrue();
        reader.LastEventId.ShouldBe("42");
        reader.Retry.ShouldBe(TimeSpan.FromMilliseconds(1500));
        (await reader.ReadAsync(default)).ShouldBeTrue();
        reader.LastEventId.ShouldBe("42");
    }

    [Fact]
    public async Task An_event_above_the_limit_is_refused_before_it_is_whole()
    {
        using var stream = new PiecesStream(Encoding.UTF8.GetBytes("data: " + new string('x', 5000)), 100);
        using var reader = new EventReader(stream, 1000);

        var fault = await Should.ThrowAsync<UpstreamException>(async () => await reader.ReadAsync(default));

        fault.Result.ShouldBe(AttemptResult.TooLarge);
        stream.Position.ShouldBeLessThan(2000);
    }

    private static async Task<List<string>> ReadAllAsync(string text, int piece)
    {
        using var stream = new PiecesStream(Encoding.UTF8.GetBytes(text), piece);
        using var reader = new EventReader(stream, 1000);
        var events = new List<string>();
        while (await reader.ReadAsync(default))
        {
            if (!reader.Data.IsEmpty)
            {
                events.Add(Encoding.UTF8.GetString(reader.Data));
            }
        }

        return events;
    }
}
