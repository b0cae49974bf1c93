using FsCheck.Xunit;
using McpActors.Core.Discovery.Sources;

namespace McpActors.Core.Tests.Discovery.Sources;

public sealed class PollPaceTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Property]
    public void A_failing_source_is_asked_less_and_less_but_at_least_every_interval(byte failures, byte random, ushort seconds)
    {
        var interval = TimeSpan.FromSeconds(seconds + 1);
        var pace = PollPace.Begin(Now, 0);
        for (var i = 0; i <= failures; i++)
        {
            pace = pace.Failed(Now, interval, null, random / 256.0);
            var wait = pace.Due - Now;
            wait.ShouldBeLessThanOrEqualTo(interval);
            wait.ShouldBeGreaterThanOrEqualTo(interval * 0.5 < TimeSpan.FromSeconds(2.5) ? interval * 0.5 : TimeSpan.FromSeconds(2.5));
        }

        pace.Failures.ShouldBe(failures + 1);
        PollPace.Succeeded(Now, interval, 0.5).ShouldBe(new PollPace(Now + interval, 0));
    }

    [Fact]
    public void Retry_after_is_obeyed_up_to_a_day()
    {
        var pace = PollPace.Begin(Now, 0);

        pace.Failed(Now, TimeSpan.FromHours(1), TimeSpan.FromMinutes(7), 0.9).Due.ShouldBe(Now.AddMinutes(7));
        pace.Failed(Now, TimeSpan.FromHours(1), TimeSpan.FromDays(400), 0.9).Due.ShouldBe(Now.AddDays(1));
    }
}
