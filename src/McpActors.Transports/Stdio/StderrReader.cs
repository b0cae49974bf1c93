using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports.Stdio;

/// <summary>Drains a child's stderr, so that it never blocks on it: keeps the end, and logs at debug level no faster than a person reads.</summary>
internal sealed class StderrReader(Stream error, StdioUpstreamContext context)
{
    private const int ChunkSize = 4096;
    private const int LoggedPerSecond = 10;
    private const int LoggedCharacters = 1000;

    private long _second;
    private int _logged;

    /// <summary>What it wrote last.</summary>
    public StderrTail Tail { get; } = new();

    /// <summary>Reads to the end.</summary>
    public async Task RunAsync()
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            while (await error.ReadAsync(chunk) is var read and > 0)
            {
                Tail.Append(chunk.AsSpan(0, read));
                Log(chunk.AsSpan(0, read));
            }
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe is gone with the child: that is the end.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private void Log(ReadOnlySpan<byte> text)
    {
        if (!context.Log.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        var second = context.Time.GetTimestamp() / context.Time.TimestampFrequency;
        _logged = second == _second ? _logged + 1 : 1;
        _second = second;
        if (_logged <= LoggedPerSecond)
        {
            context.Log.Stderr(context.Name, Encoding.UTF8.GetString(text[..Math.Min(text.Length, LoggedCharacters)]).TrimEnd());
        }
    }
}
