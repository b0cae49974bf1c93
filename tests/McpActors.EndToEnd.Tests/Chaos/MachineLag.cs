using System.Diagnostics;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>
/// How late this process itself runs. Where its own timer is late, what the nodes did in time says nothing about them: heartbeats are late too, and
/// what waits for a thread looks as if it had been lost.
/// </summary>
internal sealed class MachineLag : IAsyncDisposable
{
    /// <summary>A machine that is later than this is too busy for times, and for what depends on them.</summary>
    public static readonly TimeSpan Tolerable = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _watching;
    private long _worst;

    /// <summary>Begins to watch.</summary>
    public MachineLag() => _watching = WatchAsync();

    /// <summary>The longest it was late so far.</summary>
    public TimeSpan Worst => TimeSpan.FromTicks(Volatile.Read(ref _worst));

    /// <summary>Whether the machine did its work in time so far.</summary>
    public bool IsTolerable => Worst <= Tolerable;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _watching;
        _stopped.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(s_interval);
        var last = Stopwatch.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped.Token))
            {
                var now = Stopwatch.GetTimestamp();
                var late = (Stopwatch.GetElapsedTime(last, now) - s_interval).Ticks;
                last = now;
                if (late > _worst)
                    Volatile.Write(ref _worst, late);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
