using System.Threading.Tasks.Sources;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports.Stdio;

/// <summary>A received message in memory of its own.</summary>
internal readonly record struct ReceivedMessage(JsonRpcEnvelope Envelope, PooledBuffer Bytes, bool IsResponse);

/// <summary>
/// What has come for one exchange: one writer (the read loop), one reader. Bounded: a reader that is slow loses the oldest notifications, never
/// the response. Waiting allocates nothing.
/// </summary>
internal sealed class MessageQueue : IValueTaskSource, IDisposable
{
    private const int MaxWaiting = 256;

    private readonly Lock _lock = new();
    private readonly Queue<ReceivedMessage> _messages = new(1);
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private UpstreamException? _fault;
    private bool _waiting;
    private bool _closed;

    /// <summary>Hands a message over; its memory is released when nobody wants it any more.</summary>
    public void Add(ReceivedMessage message)
    {
        bool wake;
        lock (_lock)
        {
            if (_closed || _fault is not null)
            {
                message.Bytes.Dispose();
                return;
            }

            if (_messages.Count >= MaxWaiting)
            {
                _messages.Dequeue().Bytes.Dispose();
            }

            _messages.Enqueue(message);
            wake = StopWaiting();
        }

        if (wake)
        {
            _signal.SetResult(true);
        }
    }

    /// <summary>No more will come. What has come before is still delivered.</summary>
    public void Fail(UpstreamException fault)
    {
        bool wake;
        lock (_lock)
        {
            _fault ??= fault;
            wake = StopWaiting();
        }

        if (wake)
        {
            _signal.SetResult(true);
        }
    }

    /// <summary>The next message.</summary>
    public async ValueTask<ReceivedMessage> TakeAsync(CancellationToken ct)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_messages.TryDequeue(out var message))
                {
                    return message;
                }

                if (_fault is not null)
                {
                    throw _fault;
                }

                ct.ThrowIfCancellationRequested();
                _signal.Reset();
                _waiting = true;
            }

            _cancellation = ct.UnsafeRegister(static (queue, token) => ((MessageQueue)queue!).Cancel(token), this);
            await new ValueTask(this, _signal.Version);
        }
    }

    /// <summary>Releases what nobody took.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            while (_messages.TryDequeue(out var message))
            {
                message.Bytes.Dispose();
            }
        }
    }

    void IValueTaskSource.GetResult(short token)
    {
        // Waits for a cancellation that runs right now, so that it cannot hit the next wait.
        _cancellation.Dispose();
        _signal.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _signal.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        bool wake;
        lock (_lock)
        {
            wake = StopWaiting();
        }

        if (wake)
        {
            _signal.SetException(new OperationCanceledException(token));
        }
    }

    private bool StopWaiting()
    {
        var wasWaiting = _waiting;
        _waiting = false;
        return wasWaiting;
    }
}
