using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Endpoints;

namespace McpActors.Core.Tests.Servers.Endpoints;

/// <summary>Balancing and ejection by example.</summary>
public sealed class ReplicaBalancerTests
{
    private static readonly ReplicaHints FirstFailed = new(0, 0, ReplicaHints.Only(0));

    private readonly DateTimeOffset _start = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_least_loaded_for_its_weight_is_chosen()
    {
        var balancer = new ReplicaBalancer([1, 3], EjectionOptions.Default);
        var chosen = Enumerable.Range(0, 40).Select(_ => balancer.Pick(default, _start, out var _)).ToList();
        chosen.Count(replica => replica == 1).ShouldBe(30);
    }

    [Fact]
    public void What_others_see_counts_as_what_is_seen_here()
    {
        var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        balancer.Observe(0, CircuitVerdict.Failure, 3, _start).ShouldBeNull();
        balancer.Observe(0, CircuitVerdict.NoVerdict, 9, _start).ShouldBeNull();

        var ejected = balancer.Observe(0, CircuitVerdict.Failure, 2, _start).ShouldNotBeNull();

        ejected.Phase.ShouldBe(ReplicaPhase.Ejected);
        balancer.LeftOut.ShouldBe([new ReplicaEjection(0, _start.AddSeconds(30))]);
        balancer.Observe(1, CircuitVerdict.Failure, 100, _start).ShouldBeNull("half of them at most");
    }

    [Fact]
    public void Trial_of_another_node_takes_a_replica_back_or_leaves_it_out_for_longer_but_not_before_its_time()
    {
        var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        balancer.Observe(0, CircuitVerdict.Failure, 5, _start);
        balancer.Observe(0, CircuitVerdict.Success, 5, _start.AddSeconds(29.9)).ShouldBeNull("it was on its way before");

        balancer.Observe(0, CircuitVerdict.Failure, 3, _start.AddSeconds(30)).ShouldNotBeNull().Until.ShouldBe(_start.AddSeconds(90));
        balancer.Observe(0, CircuitVerdict.Success, 3, _start.AddSeconds(90)).ShouldNotBeNull().Phase.ShouldBe(ReplicaPhase.InUse);
        balancer.LeftOut.ShouldBeEmpty();
    }

    [Fact]
    public void Left_out_on_the_word_of_others_it_is_tried_in_its_time_or_taken_back_on_their_word()
    {
        var balancer = new ReplicaBalancer([1, 1, 1], EjectionOptions.Default);
        balancer.LeaveOut(2, _start.AddSeconds(10)).ShouldBeTrue();
        balancer.LeaveOut(1, _start.AddSeconds(10)).ShouldBeFalse("half of them at most");
        balancer.LeaveOut(2, _start.AddSeconds(20)).ShouldBeTrue("it is left out already");
        Enumerable.Range(0, 6).Select(_ => balancer.Pick(default, _start, out var _)).ShouldNotContain(2);

        balancer.Pick(default, _start.AddSeconds(20), out var tried).ShouldBe(2);
        tried.ShouldNotBeNull().Phase.ShouldBe(ReplicaPhase.OnTrial);
        balancer.TakeBack(2, _start.AddSeconds(20));
        balancer.InUse.ShouldBe(0b111UL);
        balancer.Ejected.ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 3, 100)]
    [InlineData(7, 2, 1)]
    public void Without_any_load_the_weights_hold_by_turns(params int[] weights)
    {
        var balancer = new ReplicaBalancer(weights, EjectionOptions.Default);
        var rounds = weights.Sum() * 5;
        var counts = new int[weights.Length];
        for (var i = 0; i < rounds; i++)
        {
            var chosen = balancer.Pick(default, _start, out _);
            counts[chosen]++;
            balancer.Record(chosen, Outcome(AttemptResult.Success), _start);
        }

        for (var i = 0; i < weights.Length; i++)
        {
            counts[i].ShouldBeInRange((weights[i] * 5) - 2, (weights[i] * 5) + 2);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void Under_load_the_weights_hold_and_a_slow_replica_gets_less(int callers)
    {
        // Calls that take one step at the first two and ten at the third; so many callers at once.
        var balancer = new ReplicaBalancer([2, 1, 1], EjectionOptions.Default);
        var counts = new int[3];
        var running = new PriorityQueue<int, int>();
        for (var (step, i) = (0, 0); i < 6000; i++)
        {
            if (running.Count == callers)
            {
                running.TryDequeue(out var done, out step);
                balancer.Record(done, Outcome(AttemptResult.Success), _start);
            }

            var chosen = balancer.Pick(default, _start, out _);
            counts[chosen]++;
            running.Enqueue(chosen, step + (chosen == 2 ? 10 : 1));
        }

        ((double)counts[0] / counts[1]).ShouldBeInRange(1.4, 2.6);
        counts[2].ShouldBeLessThan(counts[1] / (callers > 6 ? 3 : 1));
    }

    [Fact]
    public void One_that_is_down_or_not_connected_is_kept_away_from_where_there_is_another()
    {
        var balancer = new ReplicaBalancer([1, 1, 1], EjectionOptions.Default);
        var hints = new ReplicaHints(Down: 0b001, Cold: 0b011, Avoid: 0);
        Enumerable.Range(0, 5).Select(_ => balancer.Pick(hints, _start, out var _)).ShouldBe([2, 2, 2, 2, 2]);
        balancer.Pick(hints with { Avoid = 0b100 }, _start, out _).ShouldBe(2, "a second try where it is connected is better than to wait");
        balancer.Pick(new ReplicaHints(0b101, 0b111, 0), _start, out _).ShouldBe(1);
        balancer.Pick(new ReplicaHints(0b111, 0b111, 0), _start, out _).ShouldBe(0, "where all are down the least loaded will do");
    }

    [Fact]
    public void One_that_was_left_out_is_tried_before_its_time_only_where_all_others_are_down()
    {
        var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        Fail(balancer, 0, 5, _start);
        balancer.Pick(new ReplicaHints(0, 0b10, 0), _start, out _).ShouldBe(1);
        balancer.Pick(new ReplicaHints(0b11, 0b11, 0), _start, out _).ShouldBe(1, "nobody is at the other either");
        balancer.Pick(new ReplicaHints(0b10, 0b10, 0), _start, out var change).ShouldBe(0);
        change.ShouldNotBeNull().Phase.ShouldBe(ReplicaPhase.OnTrial);
    }

    [Fact]
    public void One_that_cannot_be_connected_when_its_time_is_over_is_left_out_for_longer()
    {
        var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        Fail(balancer, 0, 5, _start);
        balancer.NotConnected(0, _start.AddSeconds(29)).ShouldBeNull("that is known");
        balancer.NextTrial(_start.AddSeconds(29)).ShouldBe(_start.AddSeconds(30));
        balancer.NotConnected(0, _start.AddSeconds(30)).ShouldNotBeNull().Until.ShouldBe(_start.AddSeconds(90));
        balancer.NextTrial(_start.AddSeconds(30)).ShouldBe(_start.AddSeconds(90));
    }

    [Fact]
    public void Calls_of_sessions_that_live_at_a_replica_are_its_trial_once_its_time_is_over()
    {
        var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        Fail(balancer, 0, 5, _start);
        balancer.Hold(0, _start.AddSeconds(1)).ShouldBeNull();
        balancer.Record(0, Outcome(AttemptResult.Success), _start.AddSeconds(2)).ShouldBeNull("it was not asked for");
        balancer.Hold(0, _start.AddSeconds(30)).ShouldNotBeNull().Phase.ShouldBe(ReplicaPhase.OnTrial);
        balancer.Record(0, Outcome(AttemptResult.Success), _start.AddSeconds(31)).ShouldNotBeNull().Phase.ShouldBe(ReplicaPhase.InUse);
    }

    [Fact]
    public void A_failure_is_the_replicas_own_only_where_the_others_do_better()
    {
        var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        Fail(balancer, 0, 1, _start);
        balancer.IsOutlier(0, _start).ShouldBeFalse("nothing is known of the other");
        balancer.Hold(1, _start);
        balancer.Record(1, Outcome(AttemptResult.Success), _start);
        balancer.IsOutlier(0, _start).ShouldBeTrue();
        Fail(balancer, 1, 2, _start);
        balancer.IsOutlier(0, _start).ShouldBeFalse("the other fails too");
        balancer.IsOutlier(0, _start.AddSeconds(31)).ShouldBeFalse("the other had no calls lately");
    }

    [Fact]
    public void Other_weights_hold_from_the_next_call_on()
    {
        var balancer = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        balancer.Reweigh([1, 9]);
        Enumerable.Range(0, 100).Count(_ => balancer.Pick(default, _start, out var _) == 1).ShouldBeInRange(88, 92);
    }

    [Fact]
    public void A_repeated_call_goes_elsewhere_where_there_is_one()
    {
        var two = new ReplicaBalancer([1, 1], EjectionOptions.Default);
        two.Pick(FirstFailed, _start, out _).ShouldBe(1);
        two.Pick(FirstFailed, _start, out _).ShouldBe(1, "though it is busier");
        new ReplicaBalancer([1], EjectionOptions.Default).Pick(FirstFailed, _start, out _).ShouldBe(0);
    }

    [Fact]
    public void Failures_in_a_row_eject_and_one_good_call_takes_back()
    {
        var balancer = new ReplicaBalancer([1, 1, 1], EjectionOptions.Default);
        var change = Fail(balancer, 0, 5, _start);
        change.ShouldNotBeNull().Phase.ShouldBe(ReplicaPhase.Ejected);
        change.Until.ShouldBe(_start.AddSeconds(30));
        Enumerable.Range(0, 20).ShouldAllBe(_ => Pick(balancer, _start.AddSeconds(29)) != 0);
        balancer.Pick(default, _start.AddSeconds(30), out var trial).ShouldBe(0);
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
            balancer.Pick(default, now, out _).ShouldBe(0);
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
                balancer.Hold(1, _start);
                balancer.Record(1, Outcome(othersFail ? bad : AttemptResult.Success), _start);
                balancer.Hold(0, _start);
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
        var chosen = balancer.Pick(default, now, out _);
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
            balancer.Hold(replica, now);
            change = balancer.Record(replica, Outcome(AttemptResult.Timeout), now);
        }

        return change;
    }

    private static AttemptOutcome Outcome(AttemptResult result) => new(result, true, false, TimeSpan.FromMilliseconds(5));
}
