using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Tests.Servers.Circuit;

/// <summary>What outlives the process: replay, recovery, and the merge after a journal outage.</summary>
public sealed class CircuitStateTests
{
    private static readonly DateTimeOffset T = CircuitDriver.Start;
    private static readonly CircuitEvent.Opened Opened = new(T, "5 failures in a row", CircuitCause.ConsecutiveFailures, T.AddSeconds(10), false);

    public static TheoryData<CircuitEvent[]> ImpossibleHistories => new()
    {
        new CircuitEvent[] { Opened, Opened },
        new CircuitEvent[] { new CircuitEvent.HalfOpened(T, "", CircuitCause.TimePassed) },
        new CircuitEvent[] { new CircuitEvent.Closed(T, "") },
        new CircuitEvent[] { Opened, new CircuitEvent.Closed(T, "") },
        new CircuitEvent[] { new CircuitEvent.Released(T, "") },
        new CircuitEvent[] { new CircuitEvent.Forced(T, "", CircuitMode.Auto, null) },
        new CircuitEvent[] { new CircuitEvent.Forced(T, "", CircuitMode.ForcedClosed, null), Opened },
    };

    [Theory]
    [MemberData(nameof(ImpossibleHistories))]
    public void Impossible_history_throws(CircuitEvent[] history) =>
        Should.Throw<InvalidOperationException>(() => history.Aggregate(CircuitState.Initial, (state, change) => state.Evolve(change)));

    [Fact]
    public void Recovered_open_circuit_is_open_until_its_time()
    {
        var circuit = new CircuitDriver(CircuitOptions.Default, CircuitState.Initial.Evolve(Opened));
        circuit.At(9.999).Admit().Rejection.ShouldBe(CircuitRejection.Open);
        circuit.At(10).Admit().IsProbe.ShouldBeTrue();
        circuit.End(new CircuitTicket(2, 0), CircuitVerdict.Failure);
        (circuit.Machine.State.Until - circuit.Now).ShouldBe(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Recovered_half_open_circuit_has_all_its_permits()
    {
        var state = CircuitState.Initial.Evolve(Opened).Evolve(new CircuitEvent.HalfOpened(T, "", CircuitCause.TimePassed));
        var circuit = new CircuitDriver(CircuitOptions.Default, state);
        circuit.Calls("SSS").IsProbe.ShouldBeTrue();
        circuit.Phase.ShouldBe(CircuitPhase.Closed);
    }

    [Fact]
    public void Journal_that_answers_late_opens_a_circuit_that_served_without_it()
    {
        var circuit = new CircuitDriver(CircuitOptions.Default);
        circuit.Calls("SS");
        circuit.Machine.State.Recovered.ShouldBeFalse();
        circuit.Machine.Restore(CircuitState.Initial.Evolve(Opened), circuit.Now).IsEmpty.ShouldBeTrue();
        circuit.Machine.State.Recovered.ShouldBeTrue();
        circuit.Admit().Rejection.ShouldBe(CircuitRejection.Open);
    }

    [Fact]
    public void Merge_with_the_journal_can_be_replayed_from_it_whatever_happened_on_both_sides()
    {
        var journalled = new[]
        {
            CircuitState.Initial,
            CircuitState.Initial.Evolve(Opened),
            CircuitState.Initial.Evolve(Opened).Evolve(new CircuitEvent.HalfOpened(T, "", CircuitCause.TimePassed)),
            CircuitState.Initial.Evolve(new CircuitEvent.Forced(T, "", CircuitMode.ForcedOpen, null)),
            CircuitState.Initial.Evolve(Opened).Evolve(new CircuitEvent.Forced(T, "", CircuitMode.ForcedClosed, null)),
        };
        foreach (var script in new[] { "", "S", "FFFFF", "FFFFF|S", "FFFFF|SSS", "FFFFF|F" })
        {
            foreach (var (state, seconds) in journalled.SelectMany(s => new[] { (s, 5.0), (s, 60.0) }))
            {
                var circuit = Served(script);
                var local = circuit.Machine.State;
                var changes = circuit.At(seconds).Machine.Restore(state, circuit.Now);

                var replayed = state;
                for (var i = 0; i < changes.Count; i++)
                {
                    replayed = replayed.Evolve(changes[i]);
                }

                circuit.Machine.State.ShouldBe(replayed with { Recovered = true });
                var holds = script is "" or "S" || state.Mode != CircuitMode.Auto || state.Until > circuit.Now;
                circuit.Machine.State.EffectivePhase.ShouldBe(holds ? state.EffectivePhase : local.Phase, $"{script} on {state} at {seconds}");
            }
        }
    }

    [Fact]
    public void An_operator_who_acted_without_the_journal_is_newer_than_it()
    {
        var circuit = new CircuitDriver(CircuitOptions.Default);
        circuit.Machine.SetMode(CircuitMode.ForcedClosed, "now", null, circuit.Now);
        circuit.Machine.Restore(CircuitState.Initial.Evolve(Opened), circuit.Now).First.ShouldBeOfType<CircuitEvent.Forced>();
        circuit.Admit().Allowed.ShouldBeTrue();
    }

    private static CircuitDriver Served(string script)
    {
        var circuit = new CircuitDriver(CircuitOptions.Default).At(-60);
        foreach (var part in script.Split('|'))
        {
            circuit.Calls(part);
            circuit.Now += TimeSpan.FromSeconds(20);
        }

        return circuit;
    }
}
