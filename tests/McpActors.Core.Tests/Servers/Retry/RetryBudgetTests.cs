using FsCheck.Xunit;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Tests.Servers.Retry;

public sealed class RetryBudgetTests
{
    private static readonly DateTimeOffset Start = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Quiet_server_has_three_retries_within_ten_seconds()
    {
        var budget = new RetryBudget(0.2);
        Enumerable.Range(0, 4).Select(_ => budget.TryTake(Start)).ShouldBe([true, true, true, false]);
        budget.TryTake(Start.AddSeconds(9.99)).ShouldBeFalse();
        budget.TryTake(Start.AddSeconds(10)).ShouldBeTrue();
    }

    [Fact]
    public void Busy_server_has_a_fifth_of_its_calls()
    {
        var budget = new RetryBudget(0.2);
        for (var i = 0; i < 100; i++)
        {
            budget.RecordCall(Start);
        }

        budget.Available(Start).ShouldBe(20);
        budget.Take(15, Start).ShouldBe(15);
        budget.Take(15, Start).ShouldBe(5);
        budget.TryTake(Start).ShouldBeFalse();
        budget.Available(Start.AddSeconds(10)).ShouldBe(RetryBudget.Floor);
    }

    [Theory]
    [InlineData(1.0, 1.20)]
    [InlineData(0.01, 1.02)]
    public void Load_on_a_failing_server_stays_within_the_goal(double failing, double most)
    {
        const int Calls = 200 * 60;
        var budget = new RetryBudget(0.2);
        var random = new Random(7);
        var sent = 0;
        for (var i = 0; i < Calls; i++)
        {
            var now = Start.AddMilliseconds(i * 5);
            budget.RecordCall(now);
            sent++;
            for (var attempt = 1; attempt < 3 && random.NextDouble() < failing && budget.TryTake(now); attempt++)
            {
                sent++;
            }
        }

        sent.ShouldBeInRange(Calls, (int)(Calls * most) + RetryBudget.Floor);
    }

    [Property(MaxTest = 500, EndSize = 300)]
    public void Retries_of_the_window_never_exceed_the_share_or_the_floor(byte[] script)
    {
        var budget = new RetryBudget(0.5);
        var calls = new List<DateTimeOffset>();
        var retries = new List<DateTimeOffset>();
        var now = Start;
        foreach (var step in script)
        {
            now = now.AddMilliseconds(step / 2 * 10);
            if (step % 2 == 0)
            {
                budget.RecordCall(now);
                calls.Add(now);
            }
            else if (budget.TryTake(now))
            {
                retries.Add(now);

                // A count leaves with its part of the window, so between 9 and 10 s after it came.
                var recent = retries.Count(at => now - at < RetryBudget.Window * 0.9);
                recent.ShouldBeLessThanOrEqualTo(Math.Max(RetryBudget.Floor, (int)(0.5 * calls.Count(at => now - at < RetryBudget.Window))));
            }
        }
    }
}
