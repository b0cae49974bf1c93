using System.Collections.Concurrent;

namespace McpActors.Cluster.Servers;

/// <summary>
/// The time limit of one attempt, and its caller's leaving: one token for both. Source and timer are used again and again, for each call needs a pair;
/// a source that has fired is thrown away.
/// </summary>
public sealed class CallTimer : IDisposable
{
    private const int MostKept = 1024;

    private static readonly Action<object?> Leave = static timer => ((CallTimer)timer!)._source.Cancel();

    private readonly CancellationTokenSource _source = new();
    private readonly Pool _pool;
    private readonly ITimer _timer;
    private CancellationTokenRegistration _caller;

    // The number of the use, and in the lowest bit whether it runs. A callback that is late meets another number.
    private long _use;
    private long _due;

    private CallTimer(Pool pool)
    {
        _pool = pool;
        _timer = pool.Time.CreateTimer(static timer => ((CallTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Fires when the time is over or the caller leaves.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Ends the use.</summary>
    public void Dispose()
    {
        var use = Interlocked.Read(ref _use);
        var ended = (use & 1) != 0 && Interlocked.CompareExchange(ref _use, use & ~1L, use) == use;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _caller.Dispose();
        _caller = default;
        if (ended && _source.TryReset())
            _pool.Return(this);
        else
            Discard();
    }

    private void Start(TimeSpan limit, CancellationToken caller)
    {
        var time = _pool.Time;
        Volatile.Write(ref _due, time.GetTimestamp() + (long)(limit.TotalSeconds * time.TimestampFrequency));
        Interlocked.Exchange(ref _use, (_use + 2) | 1);
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
        _caller = caller.UnsafeRegister(Leave, this);
    }

    private void Fire()
    {
        var use = Interlocked.Read(ref _use);
        if ((use & 1) == 0)
            return;
        var time = _pool.Time;
        var left = Volatile.Read(ref _due) - time.GetTimestamp();
        if (left > 0)
        {
            // Early by the timer's resolution, or meant for the use before this one.
            _timer.Change(TimeSpan.FromSeconds((double)left / time.TimestampFrequency) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            return;
        }

        if (Interlocked.CompareExchange(ref _use, use & ~1L, use) == use)
            _source.Cancel();
    }

    private void Discard()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    /// <summary>Timers that wait for their next use.</summary>
    public sealed class Pool(TimeProvider time)
    {
        private readonly ConcurrentBag<CallTimer> _idle = [];
        private int _count;

        public TimeProvider Time => time;

        /// <summary>Starts a limit.</summary>
        public CallTimer Start(TimeSpan limit, CancellationToken caller)
        {
            if (_idle.TryTake(out var timer))
                Interlocked.Decrement(ref _count);
            else
                timer = new CallTimer(this);
            timer.Start(limit, caller);
            return timer;
        }

        internal void Return(CallTimer timer)
        {
            if (Interlocked.Increment(ref _count) <= MostKept)
            {
                _idle.Add(timer);
                return;
            }

            Interlocked.Decrement(ref _count);
            timer.Discard();
        }
    }
}
