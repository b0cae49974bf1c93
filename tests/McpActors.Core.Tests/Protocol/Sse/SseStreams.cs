using System.Text;
using McpActors.Core.Protocol.Sse;

namespace McpActors.Core.Tests.Protocol.Sse;

/// <summary>An event, copied out of the buffers.</summary>
internal sealed record ReadEvent(string Data, string Name, string? Id, TimeSpan? Retry);

/// <summary>All that a stream held.</summary>
internal sealed record ReadStream(List<ReadEvent> Events, bool Failed);

/// <summary>Reads streams the way a pipe hands them out.</summary>
internal static class SseStreams
{
    public static ReadStream ReadWhole(string stream) => Read(Encoding.UTF8.GetBytes(stream), [int.MaxValue / 2], 1 << 20);

    /// <summary>Reads a stream that arrives in pieces of the given sizes; what is unread stays, as overlaid segments, in front of the next.</summary>
    public static ReadStream Read(byte[] stream, int[] arrivals, int limit)
    {
        using var parser = new SseParser(limit);
        var events = new List<ReadEvent>();
        int start = 0, end = 0;
        for (var i = 0; end < stream.Length; i++)
        {
            end = Math.Min(stream.Length, end + Math.Max(1, arrivals[i % arrivals.Length]));
            var input = Pieces.Of(stream.AsMemory(start, end - start), arrivals);
            while (true)
            {
                var outcome = parser.Read(input, out var found, out var consumed, out _);
                if (outcome == SseRead.TooLarge)
                {
                    return new ReadStream(events, Failed: true);
                }

                if (outcome == SseRead.Event)
                {
                    events.Add(new ReadEvent(
                        Encoding.UTF8.GetString(found.Data), Encoding.UTF8.GetString(found.Name), found.IdText(), found.Retry));
                }

                start += (int)input.Slice(0, consumed).Length;
                input = input.Slice(consumed);
                if (outcome == SseRead.NeedMore)
                {
                    break;
                }
            }
        }

        return new ReadStream(events, Failed: false);
    }
}
