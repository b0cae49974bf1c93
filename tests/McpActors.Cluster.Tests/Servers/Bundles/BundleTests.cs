using Akka.Actor;
using McpActors.Cluster.Servers.Bundles;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Bundles;
using McpActors.Core.Servers.Calls;
using Microsoft.Extensions.Time.Testing;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers.Bundles;

/// <summary>What nodes say about calls in one message: the actor's side, and the side of the node that calls.</summary>
public sealed class BundleTests : ServerActorKit
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
    private long _lastCall = 1000;

    [Fact]
    public void Actor_answers_what_it_can_at_once_in_one_message_and_the_rest_when_it_is_decided()
    {
        Model = Model! with { Concurrency = BulkheadOptions.Default with { Max = 2 } };
        var actor = Start();
        var running = Run(actor);
        var (a, b, c) = (Question(), Question(), Question());

        actor.Tell(new BundleProtocol.Said(Server, 7, [a, b, c, new Complete(Server, running.Call, Outcome(AttemptResult.Success))]), TestActor);

        // The permit that the last command brings back is given to the first that waits, before the bundle is answered.
        var late = ExpectMsg<BundleProtocol.Answered>();
        var answered = ExpectMsg<BundleProtocol.Answered>();
        (late.Number, answered.Number).ShouldBe((0, 7));
        answered.Answers.ShouldHaveSingleItem().Call.ShouldBe(a.Call);
        late.Answers.ShouldHaveSingleItem().Call.ShouldBe(b.Call);
        actor.Tell(new BundleProtocol.Said(Server, 0, [new Complete(Server, a.Call, Outcome(AttemptResult.Success))]), TestActor);
        ExpectMsg<BundleProtocol.Answered>().Answers.ShouldHaveSingleItem().Reply.ShouldBeOfType<Admitted>().Call.ShouldBe(c.Call);
        Status(actor).Load.InFlight.ShouldBe(2);
    }

    [Fact]
    public void Message_with_nothing_to_answer_is_not_answered()
    {
        var actor = Start();
        var running = Run(actor);
        actor.Tell(new BundleProtocol.Said(Server, 0, [new Complete(Server, running.Call, Outcome(AttemptResult.Success))]), TestActor);
        Status(actor).Load.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Who_waits_in_a_bundle_hears_with_the_call_when_the_actor_stops()
    {
        Model = Model! with { Concurrency = BulkheadOptions.Default with { Max = 1 } };
        var actor = Start();
        Run(actor);
        var waiting = Question();
        actor.Tell(new BundleProtocol.Said(Server, 1, [waiting]), TestActor);
        ExpectMsg<BundleProtocol.Answered>().Answers.ShouldBeEmpty();

        Sys.Stop(actor);

        var refused = ExpectMsg<BundleProtocol.Answered>().Answers.ShouldHaveSingleItem();
        refused.Call.ShouldBe(waiting.Call);
        refused.Reply.ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.Unavailable);
    }

    [Fact]
    public void Opened_circuit_refuses_what_comes_behind_the_failure_in_the_same_message()
    {
        var actor = Start();
        var calls = Enumerable.Range(0, 5).Select(_ => Run(actor).Call).ToArray();
        var behind = Question();

        actor.Tell(new BundleProtocol.Said(Server, 1, [.. calls.Select(call => new Complete(Server, call, Outcome(AttemptResult.Timeout))), behind]), TestActor);

        ExpectMsg<BundleProtocol.Answered>().Answers.ShouldHaveSingleItem().Reply.ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.CircuitOpen);
    }

    [Fact]
    public async Task Each_caller_gets_the_answer_to_its_own_question()
    {
        var talks = Talks();
        var (a, b, c) = (Question(), Question(), Question());
        var first = AskAsync(talks, a);
        var said = ExpectMsg<BundleProtocol.Said>();
        var (second, third) = (AskAsync(talks, b), AskAsync(talks, c));
        ExpectNoMsg(TimeSpan.Zero);

        talks.Take(new BundleProtocol.Answered(Server, said.Number, [new CallAnswer(a.Call, new ProfileRequired(a.Call))]));

        (await first).ShouldBe(new ProfileRequired(a.Call));
        ExpectMsg<BundleProtocol.Said>().Commands.ShouldBe([b, c]);
        talks.Take(new BundleProtocol.Answered(Server, 0, [new CallAnswer(c.Call, new ProfileRequired(c.Call)), new CallAnswer(b.Call, new ProfileRequired(b.Call))]));
        (await second).ShouldBe(new ProfileRequired(b.Call));
        (await third).ShouldBe(new ProfileRequired(c.Call));
    }

    [Fact]
    public async Task Lost_answer_does_not_keep_what_is_said_behind_it()
    {
        var talks = Talks();
        var lost = AskAsync(talks, Question());
        ExpectMsg<BundleProtocol.Said>();
        talks.Tell(new Abandon(Server, new CallId(1)));
        ExpectNoMsg(TimeSpan.Zero);

        _time.Advance(BundleQueue.Patience + TimeSpan.FromMilliseconds(1));

        ExpectMsg<BundleProtocol.Said>().Commands.ShouldHaveSingleItem().ShouldBeOfType<Abandon>();
        _time.Advance(TimeSpan.FromSeconds(20));
        await Should.ThrowAsync<AskTimeoutException>(lost);
    }

    [Fact]
    public async Task Caller_that_leaves_is_not_waited_for_and_a_talk_that_nobody_needs_is_forgotten()
    {
        var talks = Talks();
        using var leaving = new CancellationTokenSource();
        var asked = talks.AskAsync(Question(), new CallId(_lastCall), TimeSpan.FromMinutes(10), leaving.Token);
        ExpectMsg<BundleProtocol.Said>();
        _time.Advance(TimeSpan.FromMinutes(2));
        Other("a");
        talks.Count.ShouldBe(2, "somebody waits for an answer there");

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asked);

        _time.Advance(TimeSpan.FromMinutes(2));
        Other("b");
        talks.Count.ShouldBe(1);

        void Other(string name) => talks.Tell(new Abandon(new ServerId(name), new CallId(1)));
    }

    private ServerTalks Talks()
    {
        var talks = new ServerTalks(_time);
        talks.Start(TestActor, ActorRefs.Nobody);
        return talks;
    }

    private static Task<IServerReply> AskAsync(ServerTalks talks, Admit question) =>
        talks.AskAsync(question, question.Call, TimeSpan.FromSeconds(10), CancellationToken.None);

    private Admit Question() => new(Server, new CallId(++_lastCall), Intent());
}
