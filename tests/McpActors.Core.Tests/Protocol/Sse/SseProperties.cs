using System.Buffers;
using System.Text;
using FsCheck.Xunit;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Sse;

namespace McpActors.Core.Tests.Protocol.Sse;

/// <summary>Streams made of the tokens that matter, cut anywhere.</summary>
public sealed class SseProperties
{
    private static readonly string[] Tokens =
        ["data", "data:", "data: ", "id: ", "event:", "retry: ", ":", " ", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "x", "{}", "12", "\0", "é", "\uFEFF"];

    [Property(MaxTest = 3000, EndSize = 60)]
    public void However_a_stream_is_cut_it_reads_as_the_model_says(byte[] script, byte[] cuts)
    {
        var stream = string.Concat(script.Select(step => Tokens[step % Tokens.Length]));
        var bytes = Encoding.UTF8.GetBytes(stream);
        int[] arrivals = cuts.Length == 0 ? [1] : [.. cuts.Select(cut => (cut % 5) + 1)];
        SseStreams.Read(bytes, arrivals, 1 << 20).Events.ShouldBe(Model(stream));
    }

    [Property(MaxTest = 2000, EndSize = 60)]
    public void Limit_is_hit_or_not_however_the_stream_is_cut(byte[] script, byte[] cuts)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(script.Select(step => Tokens[step % Tokens.Length])));
        int[] arrivals = cuts.Length == 0 ? [1] : [.. cuts.Select(cut => (cut % 5) + 1)];
        var whole = SseStreams.Read(bytes, [Math.Max(1, bytes.Length)], 16);
        var inPieces = SseStreams.Read(bytes, arrivals, 16);
        inPieces.Events.ShouldBe(whole.Events);
        inPieces.Failed.ShouldBe(whole.Failed);
    }

    [Property(MaxTest = 1000, EndSize = 60)]
    public void What_is_written_reads_back(byte[] script, byte[] cuts, bool named)
    {
        var data = string.Concat(script.Select(step => Tokens[step % Tokens.Length]));
        int[] sizes = cuts.Length == 0 ? [1] : [.. cuts.Select(cut => (cut % 5) + 1)];
        using var target = new PooledBuffer();
        SseWriter.WriteKeepAlive(target);
        var bytes = Pieces.Of(Encoding.UTF8.GetBytes(data), sizes);
        SseWriter.Write(target, bytes, named ? "7"u8 : default, named ? "message"u8 : default);
        SseWriter.WriteKeepAlive(target);
        var found = SseStreams.Read(target.ToArray(), sizes, 1 << 20).Events.ShouldHaveSingleItem();
        found.ShouldBe(new ReadEvent(WithLineFeeds(data), named ? "message" : "", named ? "7" : null, null));
    }

    [Theory]
    [InlineData("a\nb", "")]
    [InlineData("a\rb", "")]
    [InlineData("a\0b", "")]
    [InlineData("", "a\nb")]
    public void Id_and_name_that_would_end_their_line_are_refused(string id, string name) =>
        Should.Throw<ArgumentException>(() => SseWriter.Write(
            new ArrayBufferWriter<byte>(), ReadOnlySequence<byte>.Empty, Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(name)));

    // The standard's algorithm on text, line by line.
    private static List<ReadEvent> Model(string stream)
    {
        var events = new List<ReadEvent>();
        var text = stream.StartsWith('\uFEFF') ? stream[1..] : stream;
        var lines = WithLineFeeds(text).Split('\n')[..^1];
        string? data = null, name = null, id = null;
        TimeSpan? retry = null;
        foreach (var line in lines)
        {
            if (line.Length == 0)
            {
                if ((data ?? name ?? id) is not null || retry is not null)
                {
                    events.Add(new ReadEvent(data ?? "", name ?? "", id, retry));
                }

                (data, name, id, retry) = (null, null, null, null);
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = colon < 0 ? "" : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (colon < 0 ? line : line[..colon])
            {
                case "data":
                    data = data is null ? value : data + "\n" + value;
                    break;
                case "event":
                    name = value;
                    break;
                case "id" when !value.Contains('\0', StringComparison.Ordinal):
                    id = value;
                    break;
                case "retry" when value.Length is > 0 and <= 10 && value.All(char.IsAsciiDigit):
                    retry = TimeSpan.FromMilliseconds(long.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
                    break;
            }
        }

        return events;
    }

    private static string WithLineFeeds(string text) =>
        text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
