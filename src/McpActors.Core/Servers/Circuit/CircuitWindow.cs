using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Circuit;

/// <summary>What a circuit's window holds.</summary>
/// <param name="Successes">Calls that succeeded.</param>
/// <param name="Failures">Calls that failed.</param>
/// <param name="Slow">Calls of either kind that were slow.</param>
public readonly record struct CircuitCounts(int Successes, int Failures, int Slow)
{
    /// <summary>All counted calls.</summary>
    public int Calls => Successes + Failures;

    /// <summary>Failed share of the calls, 0 without calls.</summary>
    public double FailureRate => Calls == 0 ? 0 : (double)Failures / Calls;

    /// <summary>Slow share of the calls, 0 without calls.</summary>
    public double SlowCallRate => Calls == 0 ? 0 : (double)Slow / Calls;
}

/// <summary>The sliding window of a circuit: successes, failures and slow calls.</summary>
internal sealed class CircuitWindow(TimeSpan window)
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int SlowCall = 2;
    private const int Columns = 3;

    private readonly RollingWindow _counts = new(window, Columns);

    /// <summary>What is counted, as of the last call.</summary>
    internal CircuitCounts Counts => new(_counts.Total(Success), _counts.Total(Failure), _counts.Total(SlowCall));

    /// <summary>Counts a call.</summary>
    internal void Record(bool success, bool slow, DateTimeOffset now)
    {
        var ticks = now.UtcTicks;
        _counts.Add(success ? Success : Failure, ticks);
        if (slow)
        {
            _counts.Add(SlowCall, ticks);
        }
    }

    /// <summary>Drops what is too old.</summary>
    internal void Expire(DateTimeOffset now) => _counts.Expire(now.UtcTicks);

    /// <summary>Forgets everything.</summary>
    internal void Clear() => _counts.Clear();
}
