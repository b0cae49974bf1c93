using System.Buffers;
using System.Text;
using McpActors.Gateway.Front.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Gateway.Tests.Front.Http;

public sealed class SseStreamTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStream _body = new();
    private readonly DefaultHttpContext _context = new();

    public SseStreamTests() => _context.Response.Body = _body;

    [Fact]
    public async Task A_message_is_one_event_even_when_it_was_written_over_several_lines()
    {
        await using var stream = await SseStream.OpenAsync(_context.Response, _time, flush: false);
        await stream.WriteAsync(Sequence("{\r\n  \"a\": 1,\n\"b\": \"x\\ny\"\r}"), null, CancellationToken.None);
        Written.ShouldBe("event: message\ndata: {    \"a\": 1, \"b\": \"x\\ny\" }\n\n");
    }

    [Fact]
    public async Task The_headers_keep_intermediaries_from_buffering()
    {
        await using var stream = await SseStream.OpenAsync(_context.Response, _time, flush: true);
        _context.Response.ContentType.ShouldBe("text/event-stream");
        _context.Response.Headers["X-Accel-Buffering"].ToString().ShouldBe("no");
        _context.Response.Headers.CacheControl.ToString().ShouldContain("no-cache");
    }

    [Fact]
    public async Task Silence_is_broken_by_comments()
    {
        await using var stream = await SseStream.OpenAsync(_context.Response, _time, flush: true);
        _time.Advance(SseStream.KeepAlive * 2);
        Written.ShouldBe(": keep-alive\n\n: keep-alive\n\n");
    }

    [Fact]
    public async Task A_message_puts_the_comment_off()
    {
        await using var stream = await SseStream.OpenAsync(_context.Response, _time, flush: true);
        _time.Advance(SseStream.KeepAlive - TimeSpan.FromSeconds(1));
        await stream.WriteAsync(Sequence("{}"), null, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(2));
        Written.ShouldNotContain("keep-alive");
    }

    [Fact]
    public async Task Nothing_is_written_after_the_end()
    {
        var stream = await SseStream.OpenAsync(_context.Response, _time, flush: true);
        await stream.DisposeAsync();
        _time.Advance(SseStream.KeepAlive * 3);
        Written.ShouldBeEmpty();
    }

    public void Dispose() => _body.Dispose();

    private string Written => Encoding.UTF8.GetString(_body.ToArray());

    /// <summary>Two segments, so that nothing relies on contiguous memory.</summary>
    private static ReadOnlySequence<byte> Sequence(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var first = new Segment(bytes.AsMemory(0, bytes.Length / 2));
        var last = first.Append(bytes.AsMemory(bytes.Length / 2));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
