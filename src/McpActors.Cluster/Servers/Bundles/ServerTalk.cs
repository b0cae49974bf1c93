using McpActors.Core.Servers;
using McpActors.Core.Servers.Bundles;

namespace McpActors.Cluster.Servers.Bundles;

/// <summary>
/// This node's talk with the actor of one server: the lock, the timer and the waiting callers around <see cref="BundleQueue"/>. Messages are sent under the
/// lock, so that they go in the order of what they say. Thread-safe.
/// </summary>
internal sealed class ServerTalk(ServerId server, ServerTalks talks, TimeProvider time) : IDisposable
{
    /// <summary>Of timers: one that fires early would have to be set again for nothing.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly BundleQueue _queue = new(server);
    private readonly List<BundleProtocol.Said> _outbox = [];
    private readonly Dictionary<long, TaskCompletionSource<IServerReply>> _asked = [];
    private ITimer? _timer;
    private DateTimeOffset _lastUse = time.GetUtcNow();
    private DateTimeOffset _dueAt = DateTimeOffset.MaxValue;
    private bool _ended;

    /// <summary>Asks about a call. False when the talk has ended; then nothing was said.</summary>
    public bool Ask(IServerCommand command, CallId call, TaskCompletionSource<IServerReply> answer)
    {
        lock (_lock)
        {
            if (_ended)
                return false;
            _asked[call.Value] = answer;
            Say(command);
            return true;
        }
    }

    /// <summary>Says something that needs no answer. False when the talk has ended; then nothing was said.</summary>
    public bool Tell(IServerCommand command)
    {
        lock (_lock)
        {
            if (_ended)
                return false;
            Say(command);
            return true;
        }
    }

    /// <summary>A caller waits no longer.</summary>
    public void Forget(CallId call, TaskCompletionSource<IServerReply> answer)
    {
        if (answer.Task.IsCompleted)
            return;
        lock (_lock)
        {
            if (_asked.TryGetValue(call.Value, out var known) && known == answer)
                _asked.Remove(call.Value);
        }
    }

    /// <summary>Takes what the actor answered.</summary>
    public void Take(BundleProtocol.Answered answered)
    {
        lock (_lock)
        {
            foreach (var answer in answered.Answers)
            {
                if (answer.Reply is not ServerProtocol.Admitted)
                    _queue.Over();
                if (_asked.Remove(answer.Call.Value, out var caller))
                    caller.TrySetResult(answer.Reply);
            }

            var now = time.GetUtcNow();
            if (_queue.Answered(answered.Number, now) is { } next)
                talks.Send(next);
            Wake(now);
        }
    }

    /// <summary>Ends it if nothing was said for so long and nobody waits for an answer.</summary>
    public bool TryEnd(TimeSpan idle)
    {
        lock (_lock)
        {
            if (_asked.Count > 0 || _queue.NextTick is not null || time.GetUtcNow() - _lastUse < idle)
                return false;
            _ended = true;
            Dispose();
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void Say(IServerCommand command)
    {
        _lastUse = time.GetUtcNow();
        _queue.Say(command, _lastUse, _outbox);
        foreach (var said in _outbox)
            talks.Send(said);
        _outbox.Clear();
        Wake(_lastUse);
    }

    private void OnDue()
    {
        lock (_lock)
        {
            _dueAt = DateTimeOffset.MaxValue;
            if (_ended)
                return;
            var now = time.GetUtcNow();
            if (_queue.Tick(now) is { } said)
                talks.Send(said);
            Wake(now);
        }
    }

    // It runs on when what it was started for has been sent meanwhile: that is cheaper than to stop it for each message.
    private void Wake(DateTimeOffset now)
    {
        if (_queue.NextTick is not { } due || due >= _dueAt)
            return;
        _dueAt = due;
        _timer ??= time.CreateTimer(static talk => ((ServerTalk)talk!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(due > now ? due - now + Resolution : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
