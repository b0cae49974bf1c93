using System.Text;
using McpActors.Transports.Stdio;

namespace McpActors.Transports.Tests.Stdio;

public sealed class LineReaderTests
{
    [Fact]
    public async Task Lines_are_found_however_the_output_is_cut()
    {
        const string text = "one\n\nthree is longer\nfour\nunfinished";
        for (var piece = 1; piece <= text.Length; piece++)
        {
            (await ReadAllAsync(text, piece, 1000)).ShouldBe(["one", "", "three is longer", "four"], customMessage: $"in pieces of {piece}");
        }
    }

    [Fact]
    public async Task Of_a_line_above_the_limit_the_beginning_and_the_end_are_kept_and_the_next_line_is_whole()
    {
        var text = new string('a', 100) + new string('z', 400) + "\nnext\n";
        using var stream = new PiecesStream(Encoding.UTF8.GetBytes(text), 37);
        using var reader = new LineReader(stream, 100);

        var line = (await reader.ReadAsync(default)).ShouldNotBeNull();
        line.TooLong.ShouldBeTrue();
        Encoding.UTF8.GetString(line.Bytes.ToArray()).ShouldBe(new string('a', 100));
        Encoding.UTF8.GetString(line.Tail.Span).ShouldBe(new string('z', LineReader.TailSize));
        var next = (await reader.ReadAsync(default)).ShouldNotBeNull();
        Encoding.UTF8.GetString(next.Bytes.ToArray()).ShouldBe("next");
        line.Bytes.Dispose();
        next.Bytes.Dispose();
    }

    [Fact]
    public async Task A_line_of_exactly_the_limit_is_whole()
    {
        (await ReadAllAsync(new string('a', 100) + "\n", 30, 100)).ShouldBe([new string('a', 100)]);
    }

    private static async Task<List<string>> ReadAllAsync(string text, int piece, long limit)
    {
        using var stream = new PiecesStream(Encoding.UTF8.GetBytes(text), piece);
        using var reader = new LineReader(stream, limit);
        var lines = new List<string>();
        while (await reader.ReadAsync(default) is { } line)
        {
            line.TooLong.ShouldBeFalse();
            lines.Add(Encoding.UTF8.GetString(line.Bytes.ToArray()));
            line.Bytes.Dispose();
        }

        return lines;
    }
}
