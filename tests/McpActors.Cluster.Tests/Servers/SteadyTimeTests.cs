using McpActors.Cluster.Servers;

namespace McpActors.Cluster.Tests.Servers;

public sealed class SteadyTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Clock_set_back_does_not_move_time()
    {
        var clocks = new Clocks();
        var time = new SteadyTime(clocks);
        clocks.Elapsed = TimeSpan.FromSeconds(5);
        clocks.Wall = Start - TimeSpan.FromHours(1);
        time.GetUtcNow().ShouldBe(Start + TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Small_lead_of_the_wall_clock_is_not_followed_but_a_jump_is()
    {
        var clocks = new Clocks();
        var time = new SteadyTime(clocks);
        clocks.Wall = Start + TimeSpan.FromSeconds(9);
        time.GetUtcNow().ShouldBe(Start);
        clocks.Wall = Start + TimeSpan.FromHours(3);
        time.GetUtcNow().ShouldBe(Start + TimeSpan.FromHours(3));
        clocks.Elapsed = TimeSpan.FromSeconds(1);
        time.GetUtcNow().ShouldBe(Start + TimeSpan.FromHours(3) + TimeSpan.FromSeconds(1));
    }

    private sealed class Clocks : TimeProvider
    {
        public DateTimeOffset Wall { get; set; } = Start;

        public TimeSpan Elapsed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => Elapsed.Ticks;
    }
}
