using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace McpActors.Cluster.Sessions;

/// <summary>
/// One open stream of a session: what the server says unasked, for a client that listens. Bounded in bytes; a slow reader
/// loses the oldest messages and never slows the writer.
/// </summary>
public sealed class SessionStream : ChannelReader<ReadOnlyMemory<byte>>, IDisposable
{
    private readonly SessionStreams _owner;
    private readonly int _maxBytes;
    private readonly Queue<ReadOnlyMemory<byte>> _messages = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _bytes;
    private long _dropped;

    internal SessionStream(SessionStreams owner, string sessionId, string route, int maxBytes)
    {
        _owner = owner;
        _maxBytes = maxBytes;
        SessionId = sessionId;
        Route = route;
    }

    /// <summary>The session it belongs to.</summary>
    public string SessionId { get; }

    /// <summary>The route of the session.</summary>
    public string Route { get; }

    /// <summary>Messages that a slow reader lost.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public override Task Completion => _signal.Reader.Completion;

    /// <inheritdoc/>
    public override bool TryRead([MaybeNullWhen(false)] out ReadOnlyMemory<byte> item)
    {
        lock (_messages)
        {
            if (!_messages.TryDequeue(out item))
                return false;
            _bytes -= item.Length;
            return true;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            lock (_messages)
            {
                if (_messages.Count > 0)
                    return true;
            }

            if (!await _signal.Reader.WaitToReadAsync(cancellationToken))
                return false;
            _signal.Reader.TryRead(out _);
        }
    }

    /// <summary>Ends the stream; what was not read is gone.</summary>
    public void Dispose()
    {
        _owner.Detach(this);
        Complete();
    }

    internal void Complete() => _signal.Writer.TryComplete();

    internal void Write(ReadOnlyMemory<byte> message)
    {
        lock (_messages)
        {
            _messages.Enqueue(message);
            _bytes += message.Length;
            while (_bytes > _maxBytes && _messages.TryDequeue(out var oldest))
            {
                _bytes -= oldest.Length;
                _dropped++;
                _owner.CountDropped();
            }
        }

        _signal.Writer.TryWrite(true);
    }
}
