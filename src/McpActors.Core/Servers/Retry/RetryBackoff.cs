namespace McpActors.Core.Servers.Retry;

/// <summary>The waiting times between attempts. Randomness is an input in [0, 1).</summary>
public static class RetryBackoff
{
    // The two constants of the published formula: the first shapes the spread, the second brings the median of the first delay near the base delay.
    private const double SpreadFactor = 4;
    private const double Scaling = 1 / 1.4;

    /// <summary>The delay before a retry.</summary>
    /// <param name="options">Base, cap and jitter.</param>
    /// <param name="retry">0 for the first retry.</param>
    /// <param name="random">In [0, 1).</param>
    /// <param name="state">What the delay before left behind; 0 at first. Only <see cref="RetryJitter.Decorrelated"/> uses it.</param>
    public static TimeSpan Delay(RetryOptions options, int retry, double random, ref double state) =>
        Delay(options, options.Jitter, retry, random, ref state);

    internal static TimeSpan Delay(RetryOptions options, RetryJitter jitter, int retry, double random, ref double state)
    {
        var factor = jitter switch
        {
            RetryJitter.Decorrelated => Decorrelated(retry + random, ref state),
            RetryJitter.Full => random * Exponential(options, retry),
            RetryJitter.Equal => (0.5 + (random / 2)) * Exponential(options, retry),
            _ => Exponential(options, retry),
        };
        return TimeSpan.FromTicks((long)Math.Min(factor * options.BaseDelay.Ticks, options.MaxDelay.Ticks));
    }

    // The cap comes before the spread: long outages must not make all delays equal.
    private static double Exponential(RetryOptions options, int retry) =>
        Math.Min(Math.Pow(2, retry), (double)options.MaxDelay.Ticks / options.BaseDelay.Ticks);

    private static double Decorrelated(double time, ref double state)
    {
        var next = Math.Pow(2, time) * Math.Tanh(Math.Sqrt(SpreadFactor * time));
        var factor = (next - state) * Scaling;
        state = next;
        return factor;
    }
}
