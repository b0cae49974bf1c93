namespace McpActors.Cluster.Servers;

/// <summary>
/// Wall time that never goes back: taken once, then counted on by the monotonic clock. Deadlines, open times and time-to-live survive a clock that is set
/// back; one that jumps ahead by more than <see cref="MostBehind"/>, as after the machine slept, is followed. One per process, so that all deadlines agree.
/// </summary>
/// <param name="inner">The clocks behind it.</param>
public sealed class SteadyTime(TimeProvider inner) : TimeProvider
{
    /// <summary>How far it may stay behind the wall clock: 10 s.</summary>
    public static readonly TimeSpan MostBehind = TimeSpan.FromSeconds(10);

    private readonly long _start = inner.GetTimestamp();
    private long _origin = inner.GetUtcNow().UtcTicks;

    /// <inheritdoc/>
    public override long TimestampFrequency => inner.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var elapsed = inner.GetElapsedTime(_start).Ticks;
        var origin = Interlocked.Read(ref _origin);
        var ahead = inner.GetUtcNow().UtcTicks - (origin + elapsed);
        if (ahead > MostBehind.Ticks)
        {
            // Two threads that see the same jump correct it once.
            Interlocked.CompareExchange(ref _origin, origin + ahead, origin);
            origin = Interlocked.Read(ref _origin);
        }

        return new DateTimeOffset(origin + elapsed, TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}
