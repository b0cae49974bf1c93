using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Settings;

namespace McpActors.Core.Tests.Configuration;

public sealed class UnitTextTests
{
    [Theory]
    [InlineData("200ms", 200)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("5m", 300_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("30d", 2_592_000_000)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void A_duration_is_a_number_and_a_unit(string text, long milliseconds)
    {
        UnitText.TryParseDuration(text, out var value).ShouldBeTrue();
        value.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData("30")]
    [InlineData("-1s")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("1h30m")]
    [InlineData("1e3s")]
    [InlineData("99999999999999999999d")]
    public void Anything_else_is_none(string text) => UnitText.TryParseDuration(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("64MiB", 64L << 20)]
    [InlineData("64 MiB", 64L << 20)]
    [InlineData("1GB", 1_000_000_000)]
    [InlineData("512", 512)]
    [InlineData("512B", 512)]
    [InlineData("1TiB", 1L << 40)]
    public void A_size_is_a_number_and_a_unit(string text, long bytes)
    {
        UnitText.TryParseSize(text, out var value).ShouldBeTrue();
        value.ShouldBe(bytes);
    }

    [Theory]
    [InlineData("64MB/s")]
    [InlineData("-1")]
    [InlineData("64mib")]
    public void A_size_has_no_other_unit(string text) => UnitText.TryParseSize(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("50%", 0.5)]
    [InlineData("0.5", 0.5)]
    [InlineData("100%", 1)]
    [InlineData("2.5%", 0.025)]
    public void A_ratio_is_a_percentage_or_a_fraction(string text, double ratio)
    {
        UnitText.TryParseRatio(text, out var value).ShouldBeTrue();
        value.ShouldBe(ratio);
    }

    [Fact]
    public void A_bare_50_is_no_ratio() => UnitText.TryParseRatio("50", out _).ShouldBeFalse();

    [Property]
    public bool A_duration_survives_being_written(NonNegativeInt milliseconds)
    {
        var value = TimeSpan.FromMilliseconds(milliseconds.Get);
        return UnitText.TryParseDuration(UnitText.Format(value), out var back) && back == value;
    }

    [Property]
    public Property A_size_survives_being_written() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).Select(static value => (long)value * 1024).ToArbitrary(), static bytes => UnitText.TryParseSize(UnitText.Format(bytes), out var back) && back == bytes);

    [Property]
    public Property A_ratio_survives_being_written() =>
        Prop.ForAll(Gen.Choose(0, 10_000).Select(static value => value / 10_000d).ToArbitrary(), static ratio => UnitText.TryParseRatio(UnitText.Format(ratio), out var back) && back == ratio);

    [Theory]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("localhost:0", true)]
    [InlineData("[::1]:1", true)]
    [InlineData("0.0.0.0:8080", false)]
    [InlineData("[::]:8080", false)]
    [InlineData("*:8080", false)]
    [InlineData("node-1.example:8080", false)]
    public void An_address_knows_whether_it_stays_on_this_machine(string text, bool isLoopback)
    {
        HostPort.TryParse(text, out var value).ShouldBeTrue();
        value.IsLoopback.ShouldBe(isLoopback);
        value.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("8080")]
    [InlineData(":8080")]
    [InlineData("host:")]
    [InlineData("host:65536")]
    [InlineData("::1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("a b:80")]
    public void What_is_no_host_and_port_is_refused(string text) => HostPort.TryParse(text, out _).ShouldBeFalse();
}
