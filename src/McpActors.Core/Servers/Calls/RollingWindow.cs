namespace McpActors.Core.Servers.Calls;

/// <summary>
/// Counts over a sliding time window in <see cref="SubWindows"/> parts. A part starts with the first count after the previous part's end and leaves
/// whole, when its start is as old as the window; so a count lives between nine and ten tenths of the window. In place, without allocation, O(1).
/// </summary>
internal sealed class RollingWindow
{
    /// <summary>How many parts a window has.</summary>
    internal const int SubWindows = 10;

    // One more than can be alive, because a new part is written before old ones leave.
    private const int Slots = SubWindows + 1;

    private readonly long _windowTicks;
    private readonly long _subTicks;
    private readonly int _columns;
    private readonly long[] _starts = new long[Slots];
    private readonly int[] _counts;
    private readonly int[] _totals;
    private int _oldest;
    private int _used;

    /// <summary>A window of <paramref name="window"/> with <paramref name="columns"/> separate counts.</summary>
    internal RollingWindow(TimeSpan window, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window.Ticks, SubWindows);
        _windowTicks = window.Ticks;
        _subTicks = window.Ticks / SubWindows;
        _columns = columns;
        _counts = new int[Slots * columns];
        _totals = new int[columns];
    }

    /// <summary>The sum of a column as of the last <see cref="Add"/> or <see cref="Expire"/>.</summary>
    internal int Total(int column) => _totals[column];

    /// <summary>Adds to a column of the current part, opening a new part and dropping old ones first.</summary>
    internal void Add(int column, long nowTicks, int amount = 1)
    {
        var newest = Newest(nowTicks);
        _counts[(newest * _columns) + column] += amount;
        _totals[column] += amount;
        Expire(nowTicks);
    }

    /// <summary>Drops the parts that are as old as the window.</summary>
    internal void Expire(long nowTicks)
    {
        while (_used > 0 && nowTicks - _starts[_oldest] >= _windowTicks)
        {
            Drop();
        }
    }

    /// <summary>Forgets everything.</summary>
    internal void Clear()
    {
        Array.Clear(_counts);
        Array.Clear(_totals);
        _oldest = 0;
        _used = 0;
    }

    private int Newest(long nowTicks)
    {
        if (_used > 0)
        {
            var newest = (_oldest + _used - 1) % Slots;
            var age = nowTicks - _starts[newest];
            if (age < -_windowTicks)
            {
                // The clock was set back by more than the window: what was counted would never leave.
                Clear();
            }
            else if (age < _subTicks)
            {
                return newest;
            }
        }

        var slot = (_oldest + _used) % Slots;
        _starts[slot] = nowTicks;
        _used++;
        return slot;
    }

    private void Drop()
    {
        var from = _oldest * _columns;
        for (var column = 0; column < _columns; column++)
        {
            _totals[column] -= _counts[from + column];
            _counts[from + column] = 0;
        }

        _oldest = (_oldest + 1) % Slots;
        _used--;
    }
}
