namespace McpActors.Core.Servers.Bulkhead;

/// <summary>
/// The concurrency limit of one server: permits by call id and a bounded first-in-first-out queue. A permit has an expiry, so a lost carrier gives it back.
/// Owned by one actor; not thread-safe. Without queueing nothing is allocated.
/// Signals are appended to a list that the caller owns and may reuse.
/// </summary>
/// <typeparam name="TWaiter">What a waiting call leaves to be found again.</typeparam>
public sealed class Bulkhead<TWaiter>
{
    /// <summary>How long after a call's deadline its permit is taken back: 5 s.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private const double HoldSmoothing = 0.125;

    private static readonly TimeSpan LeastRetryAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MostRetryAfter = TimeSpan.FromSeconds(30);

    private readonly Dictionary<long, Permit> _permits = [];
    private readonly LinkedList<Waiting> _queue = [];
    private readonly Dictionary<long, LinkedListNode<Waiting>> _queued = [];
    private BulkheadOptions _options;
    private int _max;
    private double _holdTicks = double.NaN;

    // Lower bounds, made exact by the scan that they cause.
    private long _nextPermitExpiry = long.MaxValue;
    private long _nextWaiterExpiry = long.MaxValue;

    /// <summary>A bulkhead with all permits free.</summary>
    public Bulkhead(BulkheadOptions options)
    {
        BulkheadOptions.Rules.ThrowIfBroken(options);
        _options = options;
        _max = options.Max;
    }

    /// <summary>Permits out. Above the maximum only after <see cref="Reconfigure"/> made it smaller.</summary>
    public int InFlight => _permits.Count;

    /// <summary>Calls that wait.</summary>
    public int Queued => _queue.Count;

    /// <summary>When <see cref="Tick"/> may have something to do at the earliest, if at all.</summary>
    public DateTimeOffset? NextTick
    {
        get
        {
            var next = Math.Min(
                _permits.Count > 0 ? _nextPermitExpiry : long.MaxValue,
                _queue.Count > 0 ? _nextWaiterExpiry : long.MaxValue);
            return next == long.MaxValue ? null : new DateTimeOffset(next, TimeSpan.Zero);
        }
    }

    /// <summary>Asks for a permit, or a place in the queue.</summary>
    /// <param name="callId">Unique among the calls here.</param>
    /// <param name="waiter">Kept while the call waits.</param>
    /// <param name="deadline">The call's deadline; it neither waits longer, nor keeps a permit for longer than <see cref="Grace"/> after it.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">The call has a permit or waits already.</exception>
    public BulkheadAdmission TryEnter(long callId, TWaiter waiter, DateTimeOffset deadline, DateTimeOffset now)
    {
        if (_permits.ContainsKey(callId) || _queued.ContainsKey(callId))
        {
            throw new InvalidOperationException($"Call {callId} is in the bulkhead already.");
        }

        if (deadline <= now)
        {
            return new BulkheadAdmission(BulkheadVerdict.DeadlinePassed);
        }

        // Who waits has come first.
        if (_permits.Count < _max && _queue.Count == 0)
        {
            Grant(callId, deadline, now);
            return new BulkheadAdmission(BulkheadVerdict.Granted);
        }

        if (_queue.Count >= _options.Queue)
        {
            return new BulkheadAdmission(BulkheadVerdict.QueueFull, EstimateRoom());
        }

        var until = Math.Min((now + _options.QueueTimeout).UtcTicks, deadline.UtcTicks);
        _queued.Add(callId, _queue.AddLast(new Waiting(callId, waiter, deadline, until)));
        _nextWaiterExpiry = Math.Min(_nextWaiterExpiry, until);
        return new BulkheadAdmission(BulkheadVerdict.Queued);
    }

    /// <summary>Returns a call's permit, or takes the call out of the queue. False when it was not here, as after its permit was lost.</summary>
    public bool Leave(long callId, DateTimeOffset now, List<BulkheadSignal<TWaiter>> signals)
    {
        if (_permits.Remove(callId, out var permit))
        {
            var held = Math.Max(0, now.UtcTicks - permit.StartTicks);
            _holdTicks = double.IsNaN(_holdTicks) ? held : _holdTicks + ((held - _holdTicks) * HoldSmoothing);
            GrantWaiting(now, signals);
            return true;
        }

        if (_queued.Remove(callId, out var node))
        {
            _queue.Remove(node);
            return true;
        }

        return false;
    }

    /// <summary>Moves the expiry of a permit with the call's deadline. False when the call has none.</summary>
    public bool Extend(long callId, DateTimeOffset deadline)
    {
        if (!_permits.TryGetValue(callId, out var permit))
        {
            return false;
        }

        var expiry = (deadline + Grace).UtcTicks;
        _permits[callId] = permit with { ExpiryTicks = expiry };
        _nextPermitExpiry = Math.Min(_nextPermitExpiry, expiry);
        return true;
    }

    /// <summary>Takes lost permits back, ends waits that took too long, and grants what became free.</summary>
    public void Tick(DateTimeOffset now, List<BulkheadSignal<TWaiter>> signals)
    {
        if (_nextPermitExpiry <= now.UtcTicks)
        {
            ExpirePermits(now.UtcTicks, signals);
        }

        if (_nextWaiterExpiry <= now.UtcTicks)
        {
            ExpireWaiters(now.UtcTicks, signals);
        }

        GrantWaiting(now, signals);
    }

    /// <summary>New settings. Permits out stay out, and calls that wait keep their place and time; the next <see cref="Tick"/> grants what is new.</summary>
    public void Reconfigure(BulkheadOptions options)
    {
        BulkheadOptions.Rules.ThrowIfBroken(options);
        _options = options;
        _max = options.Max;
    }

    /// <summary>
    /// Another number of permits, which may be none: what others hold of them is leased away, or what is held here is leased. Like <see cref="Reconfigure"/>
    /// it takes no permit back.
    /// </summary>
    public void Resize(int permits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(permits);
        _max = permits;
    }

    private void Grant(long callId, DateTimeOffset deadline, DateTimeOffset now)
    {
        var expiry = (deadline + Grace).UtcTicks;
        _permits.Add(callId, new Permit(now.UtcTicks, expiry));
        _nextPermitExpiry = Math.Min(_nextPermitExpiry, expiry);
    }

    private void GrantWaiting(DateTimeOffset now, List<BulkheadSignal<TWaiter>> signals)
    {
        while (_permits.Count < _max && _queue.First is { } first)
        {
            var waiting = first.Value;
            _queue.RemoveFirst();
            _queued.Remove(waiting.CallId);
            if (waiting.UntilTicks <= now.UtcTicks)
            {
                signals.Add(new BulkheadSignal<TWaiter>(BulkheadSignalKind.TimedOut, waiting.CallId, waiting.Waiter));
                continue;
            }

            Grant(waiting.CallId, waiting.Deadline, now);
            signals.Add(new BulkheadSignal<TWaiter>(BulkheadSignalKind.Granted, waiting.CallId, waiting.Waiter));
        }
    }

    private void ExpirePermits(long nowTicks, List<BulkheadSignal<TWaiter>> signals)
    {
        _nextPermitExpiry = long.MaxValue;
        foreach (var (callId, permit) in _permits)
        {
            if (permit.ExpiryTicks > nowTicks)
            {
                _nextPermitExpiry = Math.Min(_nextPermitExpiry, permit.ExpiryTicks);
                continue;
            }

            _permits.Remove(callId);
            signals.Add(new BulkheadSignal<TWaiter>(BulkheadSignalKind.PermitLost, callId, default));
        }
    }

    private void ExpireWaiters(long nowTicks, List<BulkheadSignal<TWaiter>> signals)
    {
        _nextWaiterExpiry = long.MaxValue;
        for (var node = _queue.First; node is not null;)
        {
            var next = node.Next;
            var waiting = node.Value;
            if (waiting.UntilTicks > nowTicks)
            {
                _nextWaiterExpiry = Math.Min(_nextWaiterExpiry, waiting.UntilTicks);
            }
            else
            {
                _queue.Remove(node);
                _queued.Remove(waiting.CallId);
                signals.Add(new BulkheadSignal<TWaiter>(BulkheadSignalKind.TimedOut, waiting.CallId, waiting.Waiter));
            }

            node = next;
        }
    }

    // All before it and itself pass at the rate at which permits came back lately.
    private TimeSpan EstimateRoom()
    {
        if (double.IsNaN(_holdTicks))
        {
            return _options.QueueTimeout;
        }

        var ticks = _holdTicks * (_queue.Count + 1) / Math.Max(1, _max);
        return TimeSpan.FromTicks((long)Math.Clamp(ticks, LeastRetryAfter.Ticks, MostRetryAfter.Ticks));
    }

    private readonly record struct Permit(long StartTicks, long ExpiryTicks);

    private sealed record Waiting(long CallId, TWaiter Waiter, DateTimeOffset Deadline, long UntilTicks);
}
