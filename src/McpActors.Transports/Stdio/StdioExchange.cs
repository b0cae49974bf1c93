using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;

namespace McpActors.Transports.Stdio;

/// <summary>
/// One request to a child. Queued → sent → answered, or abandoned: abandoned while queued it is never written, abandoned after that the child
/// is told to cancel it.
/// </summary>
internal sealed class StdioExchange(StdioConnection owner, UpstreamRequest request) : IUpstreamExchange
{
    private const int Queued = 0;
    private const int Sending = 1;
    private const int Abandoned = 2;

    private readonly MessageQueue _messages = new();
    private ReceivedMessage? _current;
    private int _state;
    private volatile bool _answered;
    private bool _finished;

    /// <summary>Its id on the wire.</summary>
    public long Id => request.Id;

    /// <summary>Its method.</summary>
    public McpMethod Method => request.Method;

    /// <inheritdoc />
    public async ValueTask<UpstreamMessage> ReadAsync(CancellationToken ct)
    {
        if (_finished)
        {
            throw new InvalidOperationException("The exchange has ended: its response was read");
        }

        Release();
        var message = await _messages.TakeAsync(ct);
        _current = message;
        _finished = message.IsResponse;
        return new UpstreamMessage(message.Envelope, message.Bytes.Sequence);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        var wasSent = Interlocked.CompareExchange(ref _state, Abandoned, Queued) == Sending;
        owner.Forget(this, cancel: wasSent && !_answered);
        Release();
        _messages.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The writer is about to write it; false when nobody wants it any more.</summary>
    public bool TryBeginSending()
    {
        if (Interlocked.CompareExchange(ref _state, Sending, Queued) != Queued)
        {
            return false;
        }

        request.Sent = true;
        return true;
    }

    /// <summary>The child takes no more input, and the line's end was not written: what the child may have read is no message.</summary>
    public void SendingFailed() => request.Sent = false;

    /// <summary>A message for it has come.</summary>
    public void Deliver(ReceivedMessage message)
    {
        _answered |= message.IsResponse;
        _messages.Add(message);
    }

    /// <summary>There will be no response.</summary>
    public void Fail(AttemptResult result, string what)
    {
        _answered = true;
        _messages.Fail(new UpstreamException(result, what) { Sent = request.Sent, FirstByte = result is AttemptResult.Malformed or AttemptResult.TooLarge });
    }

    private void Release()
    {
        _current?.Bytes.Dispose();
        _current = null;
    }
}
