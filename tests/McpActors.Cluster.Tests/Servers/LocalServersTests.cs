using Akka.Actor;
using Akka.Event;
using McpActors.Cluster.Servers;
using McpActors.Core.Servers;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers;

public sealed class LocalServersTests : ServerActorKit
{
    [Fact]
    public void Serving_actor_is_found_and_a_stopped_one_is_not()
    {
        var actor = Start();
        Status(actor);
        Local.TryFind(Server, out var found).ShouldBeTrue();
        found.ShouldBe(actor);

        Kill(actor);
        Local.TryFind(Server, out _).ShouldBeFalse();
    }

    [Fact]
    public void End_of_an_actor_does_not_hide_its_successor()
    {
        var (first, second) = (CreateTestProbe().Ref, CreateTestProbe().Ref);
        Local.Add(Server, first);
        Local.Add(Server, second);
        Local.Remove(Server, first);
        Local.TryFind(Server, out var found).ShouldBeTrue();
        found.ShouldBe(second);
    }

    [Fact]
    public void Caller_that_waits_at_an_actor_that_stops_is_refused_at_once()
    {
        var actor = Start();
        Run(actor, Intent(key: "k"));
        var waiting = Admit(actor, Intent(key: "k"));
        Status(actor);
        Sys.Stop(actor);
        var refused = ExpectMsg<Rejected>();
        refused.Call.ShouldBe(waiting);
        refused.Reason.ShouldBe(RejectReason.Unavailable);
        refused.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task Local_question_gets_its_answer_and_drops_a_second_one()
    {
        var probe = CreateTestProbe();
        var command = new Admit(Server, new CallId(1), Intent());
        var asked = LocalAsk.AskAsync((IInternalActorRef)probe.Ref, command, CancellationToken.None).AsTask();
        probe.ExpectMsg<Admit>();
        probe.LastSender.Tell(new ProfileRequired(new CallId(1)));
        probe.LastSender.Tell(new Rejected(new CallId(1), RejectReason.Unknown, null, null, "late"));
        (await asked).ShouldBeOfType<ProfileRequired>();
    }

    [Fact]
    public async Task Local_question_ends_with_its_token()
    {
        using var end = new CancellationTokenSource();
        var probe = CreateTestProbe();
        var asked = LocalAsk.AskAsync((IInternalActorRef)probe.Ref, new Admit(Server, new CallId(1), Intent()), end.Token).AsTask();
        probe.ExpectMsg<Admit>();
        await end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asked);
        probe.LastSender.Tell(new ProfileRequired(new CallId(1)));
    }

    [Fact]
    public async Task Command_to_an_actor_that_has_just_stopped_goes_through_the_region_with_its_asker()
    {
        var region = Sys.ActorOf(Nest.Props(2, TestActor), "server");
        IActorRef entity = ActorRefs.Nobody;
        await AwaitAssertAsync(async () => entity = await Sys.ActorSelection(region.Path / "nest" / "nest").ResolveOne(TimeSpan.FromSeconds(3)));
        StartForwarding(region);
        Kill(entity);

        entity.Tell(new Admit(Server, new CallId(1), Intent()), TestActor);
        ExpectMsg<Admit>().Call.ShouldBe(new CallId(1));
        LastSender.ShouldBe(TestActor);
    }

    [Fact]
    public void Letters_to_anybody_else_are_left_alone()
    {
        StartForwarding(Sys.ActorOf(Nest.Props(0, TestActor), "server"));
        var other = Sys.ActorOf(Nest.Props(0, ActorRefs.Nobody), "other");
        Kill(other);
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));

        other.Tell(new Admit(Server, new CallId(1), Intent()), TestActor);
        ExpectMsg<DeadLetter>();
        ExpectNoMsg(TimeSpan.Zero);
    }

    private void StartForwarding(IActorRef region)
    {
        Sys.ActorOf(UndeliveredCommands.Props(region, TimeProvider.System)).Tell(new Identify(1), TestActor);
        ExpectMsg<ActorIdentity>();
    }

    /// <summary>An actor with another one inside, as deep as a region, and with somebody who is told what it gets.</summary>
    private sealed class Nest : UntypedActor
    {
        private readonly IActorRef _told;

        public Nest(int depth, IActorRef told)
        {
            _told = told;
            if (depth > 0)
                Context.ActorOf(Props(depth - 1, ActorRefs.Nobody), "nest");
        }

        public static Props Props(int depth, IActorRef told) => Akka.Actor.Props.Create(() => new Nest(depth, told));

        protected override void OnReceive(object message) => _told.Forward(message);
    }
}
