using McpActors.Core.Servers.Calls;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers;

/// <summary>Callers on other nodes ask again under the same id when they hear nothing: the question or the answer got lost, or is only late.</summary>
public sealed class AskedTwiceTests : ServerActorKit
{
    [Fact]
    public void A_caller_that_did_not_hear_the_answer_hears_it_again_and_has_one_permit()
    {
        var actor = Start();
        var admitted = Run(actor);

        actor.Tell(new Admit(Server, admitted.Call, Intent()), TestActor);

        var again = ExpectMsg<Admitted>();
        (again.Call, again.Connection, again.Attempt).ShouldBe((admitted.Call, admitted.Connection, admitted.Attempt));
        Status(actor).Load.InFlight.ShouldBe(1);
        Complete(actor, admitted.Call);
        Status(actor).Load.InFlight.ShouldBe(0);
    }

    [Fact]
    public void A_caller_that_failed_with_its_first_answer_is_not_given_it_again()
    {
        var actor = Start();
        var admitted = Run(actor);
        actor.Tell(new AttemptFailed(Server, admitted.Call, Outcome(AttemptResult.SessionLost), admitted.Connection), TestActor);
        ExpectMsg<Admitted>().Attempt.ShouldBe(2);

        actor.Tell(new Admit(Server, admitted.Call, Intent()), TestActor);

        Status(actor).Load.InFlight.ShouldBe(1);
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }
}
