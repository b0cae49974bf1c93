using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck.Xunit;
using McpActors.Core.Protocol.Headers;

namespace McpActors.Core.Tests.Protocol.Headers;

public sealed class ExactIntegerTests
{
    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-0", 0L)]
    [InlineData("0.000e99999999999", 0L)]
    [InlineData("42", 42L)]
    [InlineData("-7", -7L)]
    [InlineData("42.0", 42L)]
    [InlineData("4.2e1", 42L)]
    [InlineData("4200E-2", 42L)]
    [InlineData("0.0042e+4", 42L)]
    [InlineData("1000000", 1000000L)]
    [InlineData("10.10e2", 1010L)]
    [InlineData("9007199254740991", 9007199254740991L)]
    [InlineData("-9007199254740991.000", -9007199254740991L)]
    [InlineData("9007199254740992", null)]
    [InlineData("1.5", null)]
    [InlineData("1e-1", null)]
    [InlineData("1e-400", null)]
    [InlineData("1e400", null)]
    [InlineData("1e99999999999", null)]
    [InlineData("1.00000000000000000000000000000000001", null)]
    [InlineData("4503599627370497.25", null)]
    [InlineData("100000000000000000000000", null)]
    public void Only_integers_that_every_peer_can_hold_are_read(string number, long? expected)
    {
        var read = ExactInteger.TryRead(Encoding.UTF8.GetBytes(number), out var value);
        read.ShouldBe(expected is not null);
        if (expected is { } integer)
        {
            value.ShouldBe(integer);
        }
    }

    [Property(MaxTest = 3000)]
    public void Reading_equals_exact_arithmetic(long mantissa, byte places, sbyte power)
    {
        var negative = mantissa < 0;
        var digits = BigInteger.Abs(mantissa).ToString(CultureInfo.InvariantCulture);
        var fraction = Math.Min(places % 20, digits.Length - 1);
        var text = (negative ? "-" : "") + digits[..^fraction] + (fraction > 0 ? "." + digits[^fraction..] : "") + $"e{power}";
        var scale = power - fraction;
        var factor = BigInteger.Pow(10, Math.Abs(scale));
        var exact = scale >= 0 ? (BigInteger)mantissa * factor : (BigInteger)mantissa / factor;
        var isInteger = scale >= 0 || (BigInteger)mantissa % factor == 0;
        var fits = isInteger && BigInteger.Abs(exact) <= ExactInteger.Largest;
        ExactInteger.TryRead(Encoding.UTF8.GetBytes(text), out var value).ShouldBe(fits);
        if (fits)
        {
            value.ShouldBe((long)exact);
        }
    }
}
