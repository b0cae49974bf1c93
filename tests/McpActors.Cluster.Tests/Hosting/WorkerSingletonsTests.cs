using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Hosting;

namespace McpActors.Cluster.Tests.Hosting;

public sealed class WorkerSingletonsTests : TestKit
{
    private readonly IActorRef _singleton;

    public WorkerSingletonsTests()
        : base("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
    {
        _singleton = Sys.ActorOf(WorkerSingletons.Revived(Props.Create(() => new Deputy(TestActor)), Stop.Instance));
        Watch(_singleton);
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    public void One_that_stopped_by_itself_is_started_anew_after_a_while()
    {
        var first = ExpectMsg<IActorRef>();
        Watch(first);
        _singleton.Tell("a second writer was met");
        ExpectTerminated(first);

        Scheduler.Advance(WorkerSingletons.LeastAbsence - TimeSpan.FromSeconds(1));
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        AwaitAssert(() =>
        {
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            ExpectMsg<IActorRef>(TimeSpan.FromMilliseconds(100)).ShouldNotBe(first);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_is_told_to_stop_is_not(bool away)
    {
        var first = ExpectMsg<IActorRef>();
        Watch(first);
        if (away)
        {
            _singleton.Tell("a second writer was met");
            ExpectTerminated(first);
        }

        _singleton.Tell(Stop.Instance);

        if (!away)
            ExpectTerminated(first);
        ExpectTerminated(_singleton);
    }

    private sealed class Deputy : ReceiveActor
    {
        public Deputy(IActorRef parent)
        {
            parent.Tell(Self);
            ReceiveAny(_ => Context.Stop(Self));
        }
    }

    private sealed record Stop
    {
        public static Stop Instance { get; } = new();
    }
}
