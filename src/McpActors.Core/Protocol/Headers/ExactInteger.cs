using System.Globalization;

namespace McpActors.Core.Protocol.Headers;

/// <summary>Numbers that are integers, however they are written: <c>42</c>, <c>42.0</c> and <c>4.2e1</c> are one. No rounding.</summary>
internal static class ExactInteger
{
    /// <summary>The largest integer that every peer can hold, 2^53 - 1.</summary>
    internal const long Largest = (1L << 53) - 1;

    private const int MostDigits = 16;

    /// <summary>Reads a JSON number.</summary>
    /// <param name="number">Text that follows the grammar of JSON.</param>
    /// <param name="value">The integer.</param>
    /// <returns>False when it has a fraction, or is beyond ±(2^53 - 1).</returns>
    internal static bool TryRead(ReadOnlySpan<byte> number, out long value)
    {
        value = 0;
        var exponent = 0;
        var end = number.IndexOfAny((byte)'e', (byte)'E');
        var outOfRange = end >= 0 && !int.TryParse(number[(end + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent);
        var digits = number[..(end < 0 ? number.Length : end)];
        var negative = digits[0] == (byte)'-';
        digits = digits[(negative ? 1 : 0)..];
        var point = digits.IndexOf((byte)'.');
        long scale = point < 0 ? exponent : exponent - (long)(digits.Length - point - 1);
        Span<byte> kept = stackalloc byte[MostDigits];
        var count = 0;
        var zeros = 0;
        foreach (var digit in digits)
        {
            if (digit == (byte)'.')
            {
                continue;
            }

            // Zeros wait until a digit follows: those at the end belong to the exponent, those at the start to nothing.
            if (digit == (byte)'0')
            {
                zeros += count > 0 ? 1 : 0;
                continue;
            }

            if (count + zeros >= MostDigits)
            {
                return false;
            }

            kept.Slice(count, zeros).Fill((byte)'0');
            count += zeros;
            zeros = 0;
            kept[count++] = digit;
        }

        if (count == 0)
        {
            return true;
        }

        scale += zeros;
        if (outOfRange || scale < 0 || count + scale > MostDigits)
        {
            return false;
        }

        kept.Slice(count, (int)scale).Fill((byte)'0');
        value = long.Parse(kept[..(count + (int)scale)], NumberStyles.None, CultureInfo.InvariantCulture);
        value = negative ? -value : value;
        return value is >= -Largest and <= Largest;
    }
}
