using System.Buffers;
using System.IO.Pipelines;
using McpActors.Core.Protocol.Sse;

namespace McpActors.Transports.Http;

/// <summary>Reads server-sent events from an answer, one at a time, in pooled memory. One reader at a time.</summary>
internal sealed class EventReader : IDisposable
{
    private const int ChunkSize = 16 * 1024;

    private readonly PipeReader _pipe;
    private readonly SseParser _parser;
    private readonly long _limit;
    private SequencePosition _used;
    private bool _holding;

    /// <summary>Reads from an answer's body.</summary>
    /// <param name="stream">The body; stays open.</param>
    /// <param name="limit">The largest event taken, in bytes.</param>
    public EventReader(Stream stream, long limit)
    {
        _limit = limit;
        _pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ChunkSize, leaveOpen: true));
        _parser = new SseParser((int)Math.Min(limit, int.MaxValue));
    }

    /// <summary>Whether any byte has come.</summary>
    public bool ReadAny { get; private set; }

    /// <summary>The message of the event that was read last, empty when it carries none; valid until the next read.</summary>
    public ReadOnlySequence<byte> Data { get; private set; }

    /// <summary>The last id that the server gave.</summary>
    public string? LastEventId { get; private set; }

    /// <summary>How long the server wants us to wait before we come again.</summary>
    public TimeSpan? Retry { get; private set; }

    /// <summary>Reads to the end of the next event; false at the end of the stream, where an unfinished event is dropped.</summary>
    /// <exception cref="UpstreamException">The event is too large.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken ct)
    {
        if (_holding)
        {
            _holding = false;
            _pipe.AdvanceTo(_used);
        }

        while (true)
        {
            var read = await _pipe.ReadAsync(ct);
            ReadAny |= !read.Buffer.IsEmpty;
            var outcome = _parser.Read(read.Buffer, out var found, out _used, out var examined);
            if (outcome == SseRead.Event)
            {
                _holding = true;
                Take(found);
                return true;
            }

            _pipe.AdvanceTo(_used, examined);
            if (outcome == SseRead.TooLarge)
            {
                throw HttpFailures.TooLarge(_limit);
            }

            if (read.IsCompleted)
            {
                return false;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _pipe.Complete();
        _parser.Dispose();
    }

    private void Take(in SseEvent found)
    {
        Data = found.IsMessage ? found.Data : ReadOnlySequence<byte>.Empty;
        LastEventId = found.IdText() ?? LastEventId;
        Retry = found.Retry ?? Retry;
    }
}
