namespace McpActors.Cluster.Lifecycle;

/// <summary>The one gate of the node. A call that entered before the beginning is counted, one that comes after is refused: nothing slips between.</summary>
internal sealed class DrainGate(TimeProvider time) : IDrain, IDisposable
{
    // The high bit says draining, the rest counts, so that one atomic operation sees both.
    private const int DrainingBit = int.MinValue;

    private readonly CancellationTokenSource _started = new();
    private readonly CancellationTokenSource _expired = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Func<CancellationToken, Task>> _closers = [];
    private readonly List<Func<CancellationToken, Task>> _waits = [];
    private readonly Lock _lock = new();
    private Task? _closing;
    private long _begunAt;
    private int _state;
    private bool _announced;
    private bool _cutOff;

    public bool Draining => Volatile.Read(ref _announced);

    public bool IsCutOff
    {
        get => Volatile.Read(ref _cutOff);
        set => Volatile.Write(ref _cutOff, value);
    }

    public int InFlight => Volatile.Read(ref _state) & int.MaxValue;

    public CancellationToken Started => _started.Token;

    public CancellationToken Expired => _expired.Token;

    public IDisposable? TryEnter()
    {
        while (true)
        {
            var seen = Volatile.Read(ref _state);
            if (seen < 0 || IsCutOff)
                return null;
            if (Interlocked.CompareExchange(ref _state, seen + 1, seen) == seen)
                return new Ticket(this);
        }
    }

    public void Announce() => Volatile.Write(ref _announced, true);

    public void Begin()
    {
        Announce();
        var before = Interlocked.Or(ref _state, DrainingBit);
        if (before < 0)
            return;
        _begunAt = time.GetTimestamp();
        if (before == 0)
            _idle.TrySetResult();
        _started.Cancel();
    }

    public async Task<bool> WaitIdleAsync(TimeSpan limit)
    {
        try
        {
            await _idle.Task.WaitAsync(limit, time);
            return true;
        }
        catch (TimeoutException)
        {
            await _expired.CancelAsync();
            return false;
        }
    }

    public void OnDrained(Func<CancellationToken, Task> close)
    {
        lock (_lock)
        {
            _closers.Add(close);
        }
    }

    public void OnHandedOver(Func<CancellationToken, Task> wait)
    {
        lock (_lock)
        {
            _waits.Add(wait);
        }
    }

    /// <summary>Waits for what <see cref="OnHandedOver"/> collected, until this long after the beginning. True when all is done.</summary>
    public async Task<bool> WaitHandedOverAsync(TimeSpan limit)
    {
        Func<CancellationToken, Task>[] waits;
        lock (_lock)
        {
            waits = [.. _waits];
        }

        var left = limit - time.GetElapsedTime(_begunAt);
        using var end = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        try
        {
            await Task.WhenAll(waits.Select(wait => wait(end.Token)));
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Runs what <see cref="OnDrained"/> collected, all at once; the second time it only waits for the first.</summary>
    public Task CloseAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            return _closing ??= Task.WhenAll(_closers.Select(close => close(ct)));
        }
    }

    public void Dispose()
    {
        _started.Dispose();
        _expired.Dispose();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _state) == DrainingBit)
            _idle.TrySetResult();
    }

    /// <summary>One call in hand; disposing twice counts once.</summary>
    private sealed class Ticket(DrainGate gate) : IDisposable
    {
        private DrainGate? _gate = gate;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Leave();
    }
}
