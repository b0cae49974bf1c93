using FsCheck.Xunit;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Endpoints;

namespace McpActors.Core.Tests.Servers.Endpoints;

/// <summary>Random calls, outcomes and time over one to six replicas.</summary>
public sealed class ReplicaBalancerProperties
{
    [Property(MaxTest = 1000, EndSize = 400)]
    public void Half_at_most_are_out_none_for_ever_and_the_chosen_is_the_least_loaded(byte[] script, byte shape)
    {
        var weights = Enumerable.Range(0, 1 + (shape % 6)).Select(i => 1 + ((shape >> i) % 3)).ToArray();
        var balancer = new ReplicaBalancer(weights, new EjectionOptions { ConsecutiveFailures = 3, MinimumCalls = 5 });
        var running = new List<int>();
        var now = new DateTimeOffset(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);
        foreach (var step in script)
        {
            var detail = step / 4;
            if (step % 4 < 2)
            {
                running.Add(Choose(balancer, Hints(detail), now));
            }
            else if (step % 4 == 2 && running.Count > 0)
            {
                var at = detail % running.Count;
                var result = (running[at] + detail) % 3 == 0 ? AttemptResult.Success : AttemptResult.Timeout;
                balancer.Record(running[at], new AttemptOutcome(result, true, false, TimeSpan.Zero), now);
                running.RemoveAt(at);
            }
            else if (detail % 3 == 0)
            {
                Hear(balancer, detail / 3, now);
            }
            else
            {
                now = now.AddSeconds(detail);
            }

            balancer.Ejected.ShouldBeLessThanOrEqualTo(balancer.MostEjected);
            balancer.Snapshot().Count(replica => replica.Phase != ReplicaPhase.InUse).ShouldBe(balancer.Ejected);
            balancer.Snapshot().Sum(replica => replica.Outstanding).ShouldBe(running.Count);
        }

        Heal(balancer, running, now.AddHours(1));
    }

    // Another node's calls, or what it leaves out and takes back.
    private static void Hear(ReplicaBalancer balancer, int detail, DateTimeOffset now)
    {
        var (endpoint, version, before) = (detail % balancer.Count, balancer.Version, balancer.InUse);
        switch (detail % 4)
        {
            case 0:
                balancer.LeaveOut(endpoint, now.AddSeconds(detail));
                break;
            case 1:
                balancer.TakeBack(endpoint, now);
                break;
            case 2:
                balancer.Observe(endpoint, CircuitVerdict.Success, detail, now);
                break;
            default:
                balancer.Observe(endpoint, CircuitVerdict.Failure, detail, now);
                break;
        }

        (balancer.InUse == before || balancer.Version != version).ShouldBeTrue("who follows the version misses nothing");
        balancer.LeftOut.Count.ShouldBe(balancer.Ejected);
    }

    private static ReplicaHints Hints(int detail) => new(detail % 5 == 0 ? 0b010UL : 0, detail % 3 == 0 ? 0b011UL : 0, detail % 7 == 0 ? 0b100UL : 0);

    private static int Choose(ReplicaBalancer balancer, ReplicaHints hints, DateTimeOffset now)
    {
        var before = balancer.Snapshot();
        var chosen = balancer.Pick(hints, now, out var change);
        var inUse = before.Where(replica => replica.Phase == ReplicaPhase.InUse).ToList();
        if (before[chosen].Phase != ReplicaPhase.InUse)
        {
            before[chosen].Outstanding.ShouldBe(0, "a trial is one call at a time");
            (before[chosen].Until <= now || change is null || inUse.TrueForAll(replica => (hints.Down & ReplicaHints.Only(replica.Endpoint)) != 0))
                .ShouldBeTrue("not before its time, unless all others are down");
            hints.Penalty(chosen).ShouldBe(0, "nothing may be against a trial");
            return chosen;
        }

        // In turns of a weight of 1, scaled by both weights: the chosen one has no more than one turn more than any other that is as good.
        inUse.Where(replica => hints.Penalty(replica.Endpoint) <= hints.Penalty(chosen))
            .ShouldAllBe(replica => before[chosen].Outstanding * replica.Weight <= (replica.Outstanding + 1) * before[chosen].Weight);
        inUse.ShouldAllBe(replica => hints.Penalty(replica.Endpoint) >= hints.Penalty(chosen));
        return chosen;
    }

    private static void Heal(ReplicaBalancer balancer, List<int> running, DateTimeOffset now)
    {
        var good = new AttemptOutcome(AttemptResult.Success, true, false, TimeSpan.Zero);
        running.ForEach(replica => balancer.Record(replica, good, now));
        for (var i = 0; i < 20; i++)
        {
            balancer.Record(balancer.Pick(default, now, out _), good, now);
        }

        balancer.Ejected.ShouldBe(0);
    }
}
