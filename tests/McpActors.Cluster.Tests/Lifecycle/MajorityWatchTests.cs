using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using McpActors.Core.Membership;

namespace McpActors.Cluster.Tests.Lifecycle;

/// <summary>One member of a real cluster of three, watched in virtual time.</summary>
public sealed class MajorityWatchTests : TestKit, IClassFixture<ThreeMembers>, IAsyncLifetime
{
    private const string Config = """
        akka.loglevel = ERROR
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        """;

    private readonly ThreeMembers _cluster;
    private readonly SchedulerTime _time;
    private readonly DrainGate _gate;

    public MajorityWatchTests(ThreeMembers cluster)
        : base(Config)
    {
        _cluster = cluster;
        _time = new SchedulerTime((TestScheduler)Sys.Scheduler);
        _gate = new DrainGate(_time);
    }

    private bool TakesCalls
    {
        get
        {
            using var call = _gate.TryEnter();
            return call is not null;
        }
    }

    public Task InitializeAsync() => _cluster.HealAsync();

    public Task DisposeAsync()
    {
        _gate.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(FailoverMode.Fast, 1)]
    [InlineData(FailoverMode.Balanced, 2)]
    [InlineData(FailoverMode.Safe, 2)]
    public async Task A_node_without_its_majority_refuses_calls_when_it_has_missed_it_for_the_time_of_its_failover(FailoverMode failover, int seconds)
    {
        await LoseBothAsync();
        var watch = Watch(failover);
        // The first look finds the majority missing.
        Pass(watch, MajorityRule.LookEvery);

        Pass(watch, TimeSpan.FromSeconds(seconds) - MajorityRule.LookEvery);
        TakesCalls.ShouldBeTrue();
        Pass(watch, MajorityRule.LookEvery);
        TakesCalls.ShouldBeFalse();
    }

    [Fact]
    public async Task It_takes_calls_again_at_the_next_look_once_the_majority_is_back()
    {
        await LoseBothAsync();
        var watch = Watch(FailoverMode.Balanced);
        Pass(watch, TimeSpan.FromSeconds(10));
        TakesCalls.ShouldBeFalse();

        // With one of the two it is two of three.
        _cluster.Reach(0, 1, isReached: true);
        await _cluster.SeesAsync(0, lost: 1);
        TakesCalls.ShouldBeFalse();
        Pass(watch, MajorityRule.LookEvery);
        TakesCalls.ShouldBeTrue();

        Pass(watch, TimeSpan.FromSeconds(10));
        TakesCalls.ShouldBeTrue();
    }

    [Fact]
    public async Task Two_others_that_lost_each_other_are_no_loss_to_who_has_both()
    {
        _cluster.Reach(1, 2, isReached: false);
        _cluster.Reach(2, 1, isReached: false);
        await _cluster.SeesAsync(0, lost: 2);
        var watch = Watch(FailoverMode.Fast);

        Pass(watch, TimeSpan.FromSeconds(30));

        TakesCalls.ShouldBeTrue();
    }

    private async Task LoseBothAsync()
    {
        _cluster.Reach(0, 1, isReached: false);
        _cluster.Reach(0, 2, isReached: false);
        await _cluster.SeesAsync(0, lost: 2);
    }

    private IActorRef Watch(FailoverMode failover) =>
        Sys.ActorOf(MajorityWatch.Props(_cluster.Members[0], _gate, MajorityRule.Hold(failover), _time));

    /// <summary>Look by look: it answers when it has done all that came before, and only then time goes on.</summary>
    private void Pass(IActorRef watch, TimeSpan time)
    {
        for (var left = time; ; left -= MajorityRule.LookEvery)
        {
            watch.Tell(new Identify(null), TestActor);
            ExpectMsg<ActorIdentity>();
            if (left <= TimeSpan.Zero)
                return;
            ((TestScheduler)Sys.Scheduler).Advance(MajorityRule.LookEvery);
        }
    }
}
