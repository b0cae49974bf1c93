namespace McpActors.Gateway.Front.Security;

/// <summary>Aborts a request when the time of its key is over. Once disposed it leaves the request alone: its context may serve another one by then.</summary>
internal sealed class KeyExpiry : IAsyncDisposable
{
    /// <summary>Timers end at some weeks and count without the clock, keys may last for years and end by it: looked at once in a while.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly DateTimeOffset _end;
    private readonly HttpContext _context;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <param name="end">When the key ends.</param>
    /// <param name="context">The request.</param>
    /// <param name="time">The clock.</param>
    public KeyExpiry(DateTimeOffset end, HttpContext context, TimeProvider time)
    {
        _end = end;
        _context = context;
        _time = time;
        // Started only once it is known here.
        _timer = time.CreateTimer(static state => ((KeyExpiry)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Look();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Look()
    {
        var left = _end - _time.GetUtcNow();
        if (left <= TimeSpan.Zero)
            _context.Abort();
        else
            _timer.Change(TimeSpan.FromTicks(Math.Clamp(left.Ticks, Shortest.Ticks, Longest.Ticks)), Timeout.InfiniteTimeSpan);
    }
}
