using FsCheck.Xunit;
using McpActors.Core.Health;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Tests.Health;

public sealed class VerdictTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 6, 0, 0, TimeSpan.Zero);
    private static readonly HealthSign Good = new(HealthSignKind.Good, 1, false, "good");
    private static readonly HealthSign Slow = new(HealthSignKind.Slow, 1, false, "slow");
    private static readonly HealthSign Bad = new(HealthSignKind.Bad, 1, false, "bad");
    private static readonly HealthSign Down = new(HealthSignKind.Down, 1, false, "down");
    private static readonly HealthSign Gone = new(HealthSignKind.Gone, 1, false, "gone");

    [Theory]
    [InlineData("", HealthVerdict.Unknown)]
    [InlineData("G", HealthVerdict.Healthy)]
    [InlineData("BB", HealthVerdict.Unknown)]
    [InlineData("BBB", HealthVerdict.Unhealthy)]
    [InlineData("GBB", HealthVerdict.Healthy)]
    [InlineData("GBBB", HealthVerdict.Unhealthy)]
    [InlineData("GBBGBB", HealthVerdict.Healthy)]
    [InlineData("GBBBG", HealthVerdict.Unhealthy)]
    [InlineData("GBBBGG", HealthVerdict.Healthy)]
    [InlineData("GBBBGS", HealthVerdict.Degraded)]
    [InlineData("GSS", HealthVerdict.Healthy)]
    [InlineData("GSSS", HealthVerdict.Degraded)]
    [InlineData("GBSS", HealthVerdict.Degraded)]
    [InlineData("GSSSG", HealthVerdict.Degraded)]
    [InlineData("GSSSGG", HealthVerdict.Healthy)]
    [InlineData("D", HealthVerdict.Unhealthy)]
    [InlineData("GD", HealthVerdict.Unhealthy)]
    [InlineData("DGG", HealthVerdict.Healthy)]
    [InlineData("GX", HealthVerdict.Unknown)]
    [InlineData("DX", HealthVerdict.Unknown)]
    public void Signs_lead_to_the_verdict(string signs, HealthVerdict expected) => Judge(signs).Verdict.ShouldBe(expected);

    [Fact]
    public void A_circuit_that_has_yet_to_close_is_degraded_at_best()
    {
        var half = Good with { Impaired = true };

        Judge("D", half, half).Verdict.ShouldBe(HealthVerdict.Degraded);
        Judge("D", half, half, Good).Verdict.ShouldBe(HealthVerdict.Healthy);
    }

    [Property(MaxTest = 1000, EndSize = 200)]
    public void It_never_gets_worse_on_fewer_signs_than_it_should_and_says_since_when(byte[] script)
    {
        var pulse = Pulse.Unknown;
        var (bad, notGood, answers) = (0, 0, 0);
        var now = Start;
        foreach (var step in script)
        {
            now += TimeSpan.FromSeconds(1);
            var sign = (step % 10) switch { < 4 => Good, < 6 => Slow, < 9 => Bad, _ => step % 20 == 9 ? Down : Gone } with { Weight = 1 + (step / 100), Impaired = step % 7 == 0 };
            var before = pulse;
            (bad, notGood, answers) = sign.Kind switch
            {
                HealthSignKind.Bad => (bad + sign.Weight, notGood + sign.Weight, 0),
                HealthSignKind.Slow => (0, notGood + sign.Weight, answers + sign.Weight),
                HealthSignKind.Good => (0, 0, answers + sign.Weight),
                _ => (0, 0, 0),
            };

            pulse = VerdictMachine.Take(pulse, sign, now);

            if (pulse.Verdict == before.Verdict)
            {
                pulse.Since.ShouldBe(before.Since);
                continue;
            }

            pulse.Since.ShouldBe(now);
            switch (pulse.Verdict)
            {
                case HealthVerdict.Unhealthy:
                    (sign.Kind == HealthSignKind.Down || bad >= VerdictMachine.Fall).ShouldBeTrue();
                    break;
                case HealthVerdict.Unknown:
                    sign.Kind.ShouldBe(HealthSignKind.Gone);
                    break;
                case HealthVerdict.Healthy:
                    sign.Kind.ShouldBe(HealthSignKind.Good);
                    sign.Impaired.ShouldBeFalse();
                    break;
            }

            if (before.Verdict == HealthVerdict.Unhealthy && pulse.Verdict != HealthVerdict.Unknown)
            {
                answers.ShouldBeGreaterThanOrEqualTo(VerdictMachine.Rise);
            }
        }
    }

    [Property(MaxTest = 300, EndSize = 200)]
    public void Whatever_was_two_good_signs_make_it_healthy(byte[] script)
    {
        var signs = script.Select(step => (step % 5) switch { 0 => Good, 1 => Slow, 2 => Bad, 3 => Down, _ => Gone });

        Judge("", [.. signs, Good, Good]).Verdict.ShouldBe(HealthVerdict.Healthy);
    }

    [Fact]
    public void Traffic_is_read_from_the_window()
    {
        SignOf(new CircuitCounts(90, 5, 0)).Kind.ShouldBe(HealthSignKind.Good, "one failure in nineteen calls is no cause for alarm");
        SignOf(new CircuitCounts(9, 3, 0)).Kind.ShouldBe(HealthSignKind.Slow);
        SignOf(new CircuitCounts(5, 5, 0)).ShouldBe(new HealthSign(HealthSignKind.Bad, 5, false, "5 of 10 calls failed"));
        SignOf(new CircuitCounts(97, 3, 0), failuresInARow: 3).Kind.ShouldBe(HealthSignKind.Bad, "the last ones all failed");
        SignOf(new CircuitCounts(10, 0, 6)).Kind.ShouldBe(HealthSignKind.Slow);
        SignOf(new CircuitCounts(0, 1, 0)).Weight.ShouldBe(1, "a single failure is not yet a verdict");
    }

    [Fact]
    public void What_does_not_run_is_unknown_and_what_cannot_start_is_bad()
    {
        HealthSign.Of(Facts(ServerLife.Idle)).Kind.ShouldBe(HealthSignKind.Gone);
        HealthSign.Of(Facts(ServerLife.Failing)).Kind.ShouldBe(HealthSignKind.Bad);
        HealthSign.Of(Facts(ServerLife.Starting)).Kind.ShouldBe(HealthSignKind.None);
        HealthSign.Of(Facts(ServerLife.Ready) with { Circuit = CircuitPhase.Open }).Kind.ShouldBe(HealthSignKind.Down);
        HealthSign.Of(Facts(ServerLife.Ready) with { Circuit = CircuitPhase.Open, Forced = true }).Kind.ShouldBe(HealthSignKind.Gone, "that is the operator's word, not the server's state");
        HealthSign.Of(Facts(ServerLife.Idle) with { Circuit = CircuitPhase.HalfOpen }).Kind.ShouldBe(HealthSignKind.None, "it is not known to be well just because time passed");
    }

    [Fact]
    public void A_probe_that_is_skipped_says_what_the_facts_say()
    {
        HealthSign.Of(ProbeResult.Skipped, TimeSpan.Zero, "busy", Facts(ServerLife.Ready)).Kind.ShouldBe(HealthSignKind.None);
        HealthSign.Of(ProbeResult.Skipped, TimeSpan.Zero, "too early", Facts(ServerLife.Failing)).Kind.ShouldBe(HealthSignKind.Bad);
        HealthSign.Of(ProbeResult.Answered, TimeSpan.FromSeconds(3), null, Facts(ServerLife.Ready)).Kind.ShouldBe(HealthSignKind.Slow);
        HealthSign.Of(ProbeResult.Answered, TimeSpan.FromMilliseconds(3), null, Facts(ServerLife.Ready)).Kind.ShouldBe(HealthSignKind.Good);
    }

    internal static ServerFacts Facts(ServerLife life) => new(new ServerId("search"), CircuitPhase.Closed, false, life, default, 0, false, null);

    private static HealthSign SignOf(CircuitCounts window, int failuresInARow = 0) =>
        HealthSign.Of(Facts(ServerLife.Ready) with { Window = window, Traffic = true, FailuresInARow = failuresInARow });

    private static Pulse Judge(string letters, params HealthSign[] more)
    {
        var signs = letters.Select(letter => letter switch { 'G' => Good, 'S' => Slow, 'B' => Bad, 'D' => Down, _ => Gone }).Concat(more);
        return signs.Aggregate(Pulse.Unknown, (pulse, sign) => VerdictMachine.Take(pulse, sign, Start));
    }
}
