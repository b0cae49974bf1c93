using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Retry;

/// <summary>
/// Holds the retries of the last <see cref="Window"/> to a share of the calls of the same time, so that a failing server is not buried under retries.
/// In place, without allocation. Owned by one actor; not thread-safe.
/// </summary>
/// <param name="ratio">The share; 0 leaves the floor.</param>
/// <param name="floor">Retries that are always allowed within the window. A lease has none of its own: it lives from what is deposited.</param>
public sealed class RetryBudget(double ratio, int floor = RetryBudget.Floor)
{
    /// <summary>Retries that are always allowed within the window, so that a quiet server's call may be retried too.</summary>
    public const int Floor = 3;

    private const int Calls = 0;
    private const int Retries = 1;
    private const int Deposits = 2;

    private readonly RollingWindow _counts = new(Window, columns: 3);

    /// <summary>The time over which calls and retries are compared: 10 s.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Counts a call when its first attempt is sent.</summary>
    public void RecordCall(DateTimeOffset now) => _counts.Add(Calls, now.UtcTicks);

    /// <summary>Counts calls that another node began under a lease.</summary>
    public void RecordCalls(int count, DateTimeOffset now) => _counts.Add(Calls, now.UtcTicks, count);

    /// <summary>Adds retries that a lease brought; those not used leave after <see cref="Window"/>.</summary>
    public void Deposit(int count, DateTimeOffset now) => _counts.Add(Deposits, now.UtcTicks, count);

    /// <summary>Retries that may still be made now.</summary>
    public int Available(DateTimeOffset now)
    {
        _counts.Expire(now.UtcTicks);
        return Math.Max(0, Math.Max(floor, (int)(ratio * _counts.Total(Calls))) + _counts.Total(Deposits) - _counts.Total(Retries));
    }

    /// <summary>Takes one retry, if there is one.</summary>
    public bool TryTake(DateTimeOffset now) => Take(1, now) == 1;

    /// <summary>Takes up to <paramref name="count"/> retries, for a lease; returns how many.</summary>
    public int Take(int count, DateTimeOffset now)
    {
        var taken = Math.Clamp(count, 0, Available(now));
        if (taken > 0)
        {
            _counts.Add(Retries, now.UtcTicks, taken);
        }

        return taken;
    }
}
