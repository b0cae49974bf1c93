using McpActors.Core.Health;
using McpActors.Core.Servers.Endpoints;

namespace McpActors.Core.Tests.Servers.Endpoints;

/// <summary>What probes say of replicas without calls.</summary>
public sealed class ReplicaHealthTests
{
    private static readonly HealthSign Bad = HealthSign.OfReplica(ProbeResult.Failed, TimeSpan.Zero)!.Value;
    private static readonly HealthSign Good = HealthSign.OfReplica(ProbeResult.Answered, TimeSpan.Zero)!.Value;

    private readonly ReplicaHealth _health = new(3);
    private DateTimeOffset _now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Probes_go_by_turns_to_who_was_not_heard_of_for_longest()
    {
        _health.Called(1, _now);
        var asked = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            _now = _now.AddSeconds(30);
            asked.Add(_health.Next([0, 1, 2]));
            _health.Probed(asked[^1], Good, _now);
        }

        asked.ShouldBe([0, 2, 1, 0, 2, 1]);
        _health.Next([1]).ShouldBe(1);
    }

    [Fact]
    public void Three_failed_probes_make_a_replica_unhealthy_and_two_answers_or_one_call_end_that()
    {
        Probe(0, Bad, Bad);
        _health.Unhealthy(_now).ShouldBe(0UL);
        Probe(0, Bad);
        Probe(1, Bad, Bad, Bad);
        _health.Unhealthy(_now).ShouldBe(0b011UL);

        Probe(0, Good);
        _health.Unhealthy(_now).ShouldBe(0b011UL);
        Probe(0, Good);
        _health.Called(1, _now);

        _health.Unhealthy(_now).ShouldBe(0UL);
        _health.VerdictOn(0, _now).ShouldBe(HealthVerdict.Healthy);
        _health.VerdictOn(1, _now).ShouldBe(HealthVerdict.Unknown);
    }

    [Fact]
    public void Verdict_without_further_probes_does_not_count_for_ever()
    {
        Probe(2, Bad, Bad, Bad);
        _health.Unhealthy(_now + ReplicaHealth.Lasting - TimeSpan.FromTicks(1)).ShouldBe(0b100UL);
        _health.Unhealthy(_now + ReplicaHealth.Lasting).ShouldBe(0UL);
        HealthSign.OfReplica(ProbeResult.Skipped, TimeSpan.Zero).ShouldBeNull();
    }

    private void Probe(int endpoint, params HealthSign[] signs)
    {
        foreach (var sign in signs)
            _health.Probed(endpoint, sign, _now);
    }
}
