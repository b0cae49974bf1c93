using System.Buffers;
using System.IO.Pipelines;

namespace McpActors.Benchmarks.Compare;

/// <summary>The same upstream as a process: a line in, a line out.</summary>
internal static class EchoProcess
{
    /// <summary>Serves until its input ends.</summary>
    public static async Task<int> RunAsync()
    {
        var input = PipeReader.Create(Console.OpenStandardInput());
        await using var output = Console.OpenStandardOutput();
        while (true)
        {
            var read = await input.ReadAsync();
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                if (EchoBackend.AnswerTo(rest.Slice(0, end)) is { } answer)
                    await output.WriteAsync((byte[])[.. answer, (byte)'\n']);
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
                return 0;
        }
    }
}
