namespace McpActors.Core.Servers.Slots;

/// <summary>Tells a crash loop: <see cref="Crashes"/> ends of a process, or failed starts, within <see cref="Window"/>.</summary>
internal sealed class CrashWindow
{
    internal const int Crashes = 5;

    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    // Most servers never crash.
    private Queue<DateTimeOffset>? _recent;

    /// <summary>Counts one; true when it completes a loop, after which counting starts anew.</summary>
    internal bool Add(DateTimeOffset now)
    {
        _recent ??= new Queue<DateTimeOffset>(Crashes);
        while (_recent.TryPeek(out var oldest) && (now - oldest).Duration() >= Window)
        {
            _recent.Dequeue();
        }

        _recent.Enqueue(now);
        if (_recent.Count < Crashes)
        {
            return false;
        }

        _recent.Clear();
        return true;
    }
}
