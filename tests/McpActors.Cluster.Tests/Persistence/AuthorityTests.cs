using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Tests.Hosting;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Tests.Persistence;

/// <summary>What every singleton that decides has in common, on virtual time and with a journal that fails.</summary>
public sealed class AuthorityTests : TestKit
{
    private readonly JournalHealth _health;

    public AuthorityTests()
        : base(LossyJournal.Config) => _health = new JournalHealth(new SchedulerTime((TestScheduler)Sys.Scheduler));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_is_decided_while_it_is_in_doubt_whether_the_change_before_is_stored(bool isStored)
    {
        var counter = Start();
        Count(counter).ShouldBe("1");
        LossyJournal.Set(Sys, isStored ? JournalMood.LosingAnswers : JournalMood.Failing);
        LossyJournal.Hold(Sys);
        counter.Tell("count");
        AwaitCondition(() => _health.State is JournalState.Degraded);
        ((TestScheduler)Sys.Scheduler).Advance(RecorderSettings.Default.ConfirmTimeout);
        ExpectMsg<string>().ShouldContain("whether it is done is not known yet");

        Count(counter).ShouldContain("in doubt");
        counter.Tell("read");
        ExpectMsg<string>().ShouldBe("1", "a question needs no journal");

        LossyJournal.Set(Sys, JournalMood.Well);
        LossyJournal.Release(Sys);
        var next = isStored ? "3" : "2";
        AwaitAssert(() => Count(counter).ShouldBe(next));
        Watch(counter);
        counter.Tell(StopAuthority.Instance);
        ExpectTerminated(counter);
        Start().Tell("read");
        ExpectMsg<string>().ShouldBe(next);
    }

    private string Count(IActorRef counter)
    {
        counter.Tell("count");
        return ExpectMsg<string>();
    }

    private IActorRef Start() => Sys.ActorOf(Props.Create(() => new Counter(_health)));

    /// <summary>Counts; each number must follow upon the one before.</summary>
    private sealed class Counter : Authority<string, SessionTouched, string>
    {
        public Counter(JournalHealth health)
            : base("counter", "0", health, RecorderSettings.Default) => Receive<string>(Take);

        protected override (SessionTouched? Change, IReadOnlyList<object> Reply) Decide(string order, IActorRef sender)
        {
            if (order == "read")
                return (null, [State]);
            var next = Number(State) + 1;
            return (new SessionTouched("counter", DateTimeOffset.UnixEpoch.AddSeconds(next)), [$"{next}"]);
        }

        protected override object Refusal(string order, string reason) => reason;

        protected override string Evolve(string state, SessionTouched change)
        {
            var next = (int)(change.At - DateTimeOffset.UnixEpoch).TotalSeconds;
            next.ShouldBe(Number(state) + 1);
            return $"{next}";
        }

        protected override object? NewsOf(SessionTouched change) => null;

        private static int Number(string state) => int.Parse(state, System.Globalization.CultureInfo.InvariantCulture);
    }
}
