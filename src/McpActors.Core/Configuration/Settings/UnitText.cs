using System.Globalization;

namespace McpActors.Core.Configuration.Settings;

/// <summary>Durations, sizes and ratios as people write them. What is formatted parses to the same value.</summary>
public static class UnitText
{
    private static readonly (string Unit, long Ticks)[] Durations =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay),
    ];

    private static readonly (string Unit, long Bytes)[] Sizes =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("KB", 1_000), ("B", 1),
    ];

    /// <summary>Reads <c>200ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>30d</c>, <c>1.5s</c> or <c>0</c>.</summary>
    public static bool TryParseDuration(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (text == "0")
            return true;
        // "ms" before "s" and "m": the first unit that leaves a number wins
        foreach (var (unit, ticks) in Durations)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && TryNumber(text.AsSpan(0, text.Length - unit.Length), ticks, out var total))
            {
                value = TimeSpan.FromTicks(total);
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes a duration in its largest whole unit.</summary>
    public static string Format(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
            return "0s";
        for (var i = Durations.Length - 1; i >= 0; i--)
        {
            if (value.Ticks % Durations[i].Ticks == 0)
                return (value.Ticks / Durations[i].Ticks).ToString(CultureInfo.InvariantCulture) + Durations[i].Unit;
        }

        return ((decimal)value.Ticks / TimeSpan.TicksPerMillisecond).ToString("0.####", CultureInfo.InvariantCulture) + "ms";
    }

    /// <summary>Reads <c>64MiB</c>, <c>256KiB</c>, <c>1GB</c> or a number of bytes.</summary>
    public static bool TryParseSize(string text, out long value)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            return true;
        foreach (var (unit, bytes) in Sizes)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && TryNumber(text.AsSpan(0, text.Length - unit.Length).TrimEnd(' '), bytes, out value))
                return true;
        }

        return false;
    }

    /// <summary>Writes a size in its largest whole binary unit.</summary>
    public static string Format(long bytes)
    {
        foreach (var (unit, size) in Sizes.AsSpan(0, 4))
        {
            if (bytes != 0 && bytes % size == 0)
                return (bytes / size).ToString(CultureInfo.InvariantCulture) + unit;
        }

        return bytes.ToString(CultureInfo.InvariantCulture) + "B";
    }

    /// <summary>Reads <c>50%</c> or <c>0.5</c>.</summary>
    public static bool TryParseRatio(string text, out double value)
    {
        var percent = text.EndsWith('%');
        var number = percent ? text.AsSpan(0, text.Length - 1) : text;
        value = 0;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var exact))
            return false;
        // A bare 50 is more likely a forgotten percent sign than fifty times the whole.
        if (!percent && exact > 1)
            return false;
        value = (double)(percent ? exact / 100 : exact);
        return true;
    }

    /// <summary>Writes a ratio in percent.</summary>
    public static string Format(double ratio) => ((decimal)ratio * 100).ToString("0.############", CultureInfo.InvariantCulture) + "%";

    private static bool TryNumber(ReadOnlySpan<char> text, long unit, out long total)
    {
        total = 0;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue / unit)
            return false;
        total = (long)(number * unit);
        return true;
    }
}
