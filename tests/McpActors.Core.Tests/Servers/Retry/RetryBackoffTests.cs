using FsCheck.Xunit;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Tests.Servers.Retry;

public sealed class RetryBackoffTests
{
    private static readonly RetryOptions KnownAnswers = new() { BaseDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(20) };

    [Theory]
    [InlineData(RetryJitter.Decorrelated, 0.5, 20, new[] { 0.8974, 1.093, 2.0357, 4.046, 8.0836, 16.1637 })]
    [InlineData(RetryJitter.Decorrelated, 0.0, 600, new[] { 0, 1.3772, 1.4601, 2.8658 })]
    [InlineData(RetryJitter.Decorrelated, 0.9999999, 600, new[] { 1.3772, 1.4601, 2.8658, 5.7178 })]
    [InlineData(RetryJitter.None, 0.5, 20, new double[] { 1, 2, 4, 8, 16, 20 })]
    [InlineData(RetryJitter.Equal, 0.0, 20, new double[] { 0.5, 1, 2, 4, 8, 10 })]
    [InlineData(RetryJitter.Full, 0.5, 20, new double[] { 0.5, 1, 2, 4, 8, 10 })]
    public void Delays_are_the_known_answers(RetryJitter jitter, double random, int cap, double[] expected)
    {
        var options = KnownAnswers with { Jitter = jitter, MaxDelay = TimeSpan.FromSeconds(cap) };
        Delays(options, _ => random, expected.Length).Zip(expected).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 0.0001);
    }

    [Fact]
    public void Medians_of_many_calls_follow_the_exponential_course()
    {
        var random = new Random(1);
        var runs = Enumerable.Range(0, 4000).Select(_ => Delays(KnownAnswers, _ => random.NextDouble(), 5)).ToArray();
        double[] expected = [0.91, 1.14, 2.00, 3.99, 8.06];
        for (var retry = 0; retry < expected.Length; retry++)
        {
            var sorted = runs.Select(run => run[retry]).Order().ToArray();
            sorted[sorted.Length / 2].ShouldBeInRange(expected[retry] * 0.95, expected[retry] * 1.05);
        }
    }

    [Property(MaxTest = 500)]
    public void Delays_stay_between_zero_and_the_cap(uint[] randoms, byte jitter)
    {
        var options = KnownAnswers with { Jitter = (RetryJitter)(jitter % 4) };
        Delays(options, i => randoms[i] / (uint.MaxValue + 1.0), randoms.Length).All(delay => delay is >= 0 and <= 20).ShouldBeTrue();
    }

    [Fact]
    public void Defaults_keep_their_rules_and_impossible_settings_are_named()
    {
        RetryOptions.Rules.Broken(RetryOptions.Default).ShouldBeEmpty();
        var broken = RetryOptions.Default with { Attempts = 0, Budget = 1.1, MaxDelay = TimeSpan.FromMilliseconds(1), Jitter = (RetryJitter)9 };
        RetryOptions.Rules.Broken(broken).Select(rule => rule.Key).ShouldBe(["attempts", "maxDelay", "jitter", "budget"]);
    }

    private static double[] Delays(RetryOptions options, Func<int, double> random, int count)
    {
        var state = 0.0;
        return Enumerable.Range(0, count).Select(i => RetryBackoff.Delay(options, i, random(i), ref state).TotalSeconds).ToArray();
    }
}
