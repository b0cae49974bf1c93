using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Endpoints;

namespace McpActors.Core.Tests.Servers.Endpoints;

/// <summary>Balancing and ejection by example.</summary>
public sealed class ReplicaBalancerTests
{
    private readonly DateTimeOffset _start = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_least_loaded_for_its_weight_is_chosen()
    {
        var balancer = new ReplicaBalancer([1, 3], EjectionOptions.Default);
        var chosen = Enumerable.Range(0, 40).Select(_ => balancer.Pick(0, _start, -1, out var _)).ToList();
        chosen.Count(replica => replica == 1).ShouldBe(30);
    }

    [Fact]
    public void A_repeated_call_goes_elsewhere_where_there_is_one()
    {
        var two = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        two.Pick(0, _start, avoid: 0, out _).ShouldBe(1);
        two.Pick(0, _start, avoid: 0, out _).ShouldBe(1, "though it is busier");
        new ReplicaBalancer([1], EjectionOptions.Default).Pick(0, _start, avoid: 0, out _).ShouldBe(0);
    }

    [Fact]
    public void Failures_in_a_row_eject_and_one_good_call_takes_back()
    {
        var balancer = new ReplicaBalancer([1, 1, 1], EjectionOptions.Default);
        var change = Fail(balancer, 0, 5, _start);
        change.ShouldNotBeNull().Phase.ShouldBe(ReplicaPhase.Ejected);
        change.Until.ShouldBe(_start.AddSeconds(30));
        Enumerable.Range(0, 20).ShouldAllBe(_ => Pick(balancer, _start.AddSeconds(29)) != 0);
        balancer.Pick(0, _start.AddSeconds(30), -1, out var trial).ShouldBe(0);
        trial.ShouldNotBeNull().Phase.ShouldBe(ReplicaPhase.OnTrial);
        Enumerable.Range(0, 20).ShouldAllBe(_ => Pick(balancer, _start.AddSeconds(30)) != 0, "one call at a time");
        balancer.Record(0, Outcome(AttemptResult.Success), _start.AddSeconds(31)).ShouldNotBeNull().Phase.ShouldBe(ReplicaPhase.InUse);
        balancer.Ejected.ShouldBe(0);
    }

    [Fact]
    public void Each_ejection_takes_longer_up_to_the_cap()
    {
        var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        var now = _start;
        var times = new List<double>();
        var change = Fail(balancer, 0, 5, now);
        for (var i = 0; i < 12; i++)
        {
            times.Add((change!.Until!.Value - now).TotalSeconds);
            now = change.Until.Value;
            balancer.Pick(0, now, -1, out _).ShouldBe(0);
            change = balancer.Record(0, Outcome(AttemptResult.Timeout), now);
        }

        times.ShouldBe([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]);
    }

    [Fact]
    public void A_replica_far_worse_than_the_others_is_ejected_by_rate_and_not_where_all_are_bad()
    {
        foreach (var othersFail in (bool[])[false, true])
        {
            var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
            ReplicaChange? change = null;
            for (var i = 0; i < 40; i++)
            {
                var bad = i % 2 == 0 ? AttemptResult.Timeout : AttemptResult.Success;
                balancer.Hold(1);
                balancer.Record(1, Outcome(othersFail ? bad : AttemptResult.Success), _start);
                balancer.Hold(0);
                change ??= balancer.Record(0, Outcome(bad), _start);
            }

            (change is not null).ShouldBe(!othersFail);
        }
    }

    [Fact]
    public void An_answer_that_refuses_the_request_ejects_nobody()
    {
        var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        Enumerable.Range(0, 50).ShouldAllBe(_ => balancer.Record(0, Outcome(AttemptResult.ToolError), _start) == null);
    }

    private int Pick(ReplicaBalancer balancer, DateTimeOffset now)
    {
        var chosen = balancer.Pick(0.5, now, -1, out _);
        balancer.Record(chosen, Outcome(AttemptResult.Cancelled), now);
        balancer.Snapshot()[chosen].Phase.ShouldNotBe(ReplicaPhase.Ejected);
        return chosen;
    }

    private static ReplicaChange? Fail(ReplicaBalancer balancer, int replica, int times, DateTimeOffset now)
    {
        ReplicaChange? change = null;
        for (var i = 0; i < times; i++)
        {
            change.ShouldBeNull();
            balancer.Hold(replica);
            change = balancer.Record(replica, Outcome(AttemptResult.Timeout), now);
        }

        return change;
    }

    private static AttemptOutcome Outcome(AttemptResult result) => new(result, true, false, TimeSpan.FromMilliseconds(5));
}
