using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Hosting;

namespace McpActors.Cluster.Tests.Hosting;

public sealed class WorkerSingletonsTests : TestKit
{
    private const string Failure = "the journal holds what it does not understand";

    private readonly IActorRef _singleton;

    public WorkerSingletonsTests()
        : base("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
    {
        _singleton = Sys.ActorOf(WorkerSingletons.Revived(Props.Create(() => new Deputy(TestActor)), Stop.Instance));
        Watch(_singleton);
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Theory]
    [InlineData("a second writer was met")]
    [InlineData(Failure)]
    public void One_that_stopped_or_failed_is_started_anew_after_a_while(string why)
    {
        var first = ExpectMsg<IActorRef>();
        Watch(first);
        _singleton.Tell(why);
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
            Receive<string>(static why => why == Failure, static why => throw new InvalidOperationException(why));
            ReceiveAny(_ => Context.Stop(Self));
        }
    }

    private sealed record Stop
    {
        public static Stop Instance { get; } = new();
    }
}
