namespace McpActors.Core.Servers.Circuit;

/// <summary>The permits of a half-open circuit: who is out since when, and how many came back well.</summary>
internal sealed class HalfOpenProbes(int permits)
{
    private const long Free = long.MinValue;

    private readonly long[] _startTicks = Filled(permits);

    /// <summary>Permits out.</summary>
    internal int InFlight { get; private set; }

    /// <summary>Probes that succeeded.</summary>
    internal int Passed { get; private set; }

    /// <summary>Whether as many succeeded as there are permits.</summary>
    internal bool AllPassed => Passed >= _startTicks.Length;

    /// <summary>The start of the probe that is out for longest.</summary>
    internal DateTimeOffset? OldestStart
    {
        get
        {
            var oldest = long.MaxValue;
            foreach (var start in _startTicks)
            {
                oldest = start == Free ? oldest : Math.Min(oldest, start);
            }

            return oldest == long.MaxValue ? null : new DateTimeOffset(oldest, TimeSpan.Zero);
        }
    }

    /// <summary>Takes a permit; -1 when those out and those passed are all there are.</summary>
    internal int TryTake(DateTimeOffset now)
    {
        if (InFlight + Passed >= _startTicks.Length)
        {
            return -1;
        }

        var slot = Array.IndexOf(_startTicks, Free);
        _startTicks[slot] = now.UtcTicks;
        InFlight++;
        return slot;
    }

    /// <summary>Takes a permit back; false when it is not out, as for an outcome that is reported twice.</summary>
    internal bool TryReturn(int slot)
    {
        if ((uint)slot >= (uint)_startTicks.Length || _startTicks[slot] == Free)
        {
            return false;
        }

        _startTicks[slot] = Free;
        InFlight--;
        return true;
    }

    /// <summary>Counts a success of a probe that was taken back.</summary>
    internal void Pass() => Passed++;

    /// <summary>All permits free, none passed.</summary>
    internal void Clear()
    {
        Array.Fill(_startTicks, Free);
        InFlight = 0;
        Passed = 0;
    }

    private static long[] Filled(int permits)
    {
        var slots = new long[permits];
        Array.Fill(slots, Free);
        return slots;
    }
}
