using Akka.TestKit;

namespace McpActors.Cluster.Tests.Hosting;

/// <summary>The clock of a test's scheduler: moves only when the test moves it.</summary>
internal sealed class SchedulerTime(TestScheduler scheduler) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    public override long GetTimestamp() => scheduler.Now.UtcTicks;
}
