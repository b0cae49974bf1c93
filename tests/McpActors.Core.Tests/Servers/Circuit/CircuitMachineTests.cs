using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Tests.Servers.Circuit;

/// <summary>What the circuit does beyond the known answers.</summary>
public sealed class CircuitMachineTests
{
    private readonly CircuitDriver _circuit = new(CircuitOptions.Default);

    [Fact]
    public void Five_failures_in_a_row_open_before_any_rate_counts()
    {
        _circuit.Calls("FFFFSFFFF");
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Calls("NF");
        var opened = _circuit.Events.ShouldHaveSingleItem().ShouldBeOfType<CircuitEvent.Opened>();
        opened.Cause.ShouldBe(CircuitCause.ConsecutiveFailures);
        opened.Until.ShouldBe(_circuit.Now + TimeSpan.FromSeconds(10));
        opened.TransportLost.ShouldBeFalse();
    }

    [Fact]
    public void Open_circuit_shows_the_counts_that_opened_it_until_they_are_too_old()
    {
        _circuit.Calls("SFFFFF");
        _circuit.Machine.Snapshot(_circuit.Now).Window.ShouldBe(new CircuitCounts(1, 5, 0));
        _circuit.Machine.Snapshot(_circuit.At(30).Now).Window.ShouldBe(default);
    }

    [Fact]
    public void Slow_successes_open_at_the_slow_call_rate()
    {
        _circuit.Calls(new string('L', 9));
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Calls("L");
        _circuit.Events.ShouldHaveSingleItem().ShouldBeOfType<CircuitEvent.Opened>().Cause.ShouldBe(CircuitCause.SlowCallRate);
    }

    [Fact]
    public void One_fast_call_keeps_a_slow_server_closed_at_a_rate_of_all()
    {
        _circuit.Calls("S" + new string('L', 30));
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
    }

    [Fact]
    public void Open_time_doubles_with_each_failed_probe_up_to_its_cap_and_starts_over_after_closing()
    {
        _circuit.Calls("FFFFF");
        double[] expected = [10, 20, 40, 80, 160, 300, 300];
        foreach (var seconds in expected)
        {
            (_circuit.Machine.State.Until!.Value - _circuit.Now).ShouldBe(TimeSpan.FromSeconds(seconds));
            _circuit.Now = _circuit.Machine.State.Until.Value;
            _circuit.Calls("F");
        }

        _circuit.Now = _circuit.Machine.State.Until!.Value;
        _circuit.Calls("SSS");
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Calls("FFFFF");
        (_circuit.Machine.State.Until!.Value - _circuit.Now).ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Half_open_lets_as_many_calls_through_as_must_succeed()
    {
        _circuit.Calls("FFFFF");
        var probes = Enumerable.Range(0, 3).Select(_ => _circuit.At(10).Admit()).ToArray();
        probes.ShouldAllBe(p => p.IsProbe);
        _circuit.Admit().Rejection.ShouldBe(CircuitRejection.ProbesInFlight);

        _circuit.End(probes[0].Ticket, CircuitVerdict.Success);
        _circuit.End(probes[0].Ticket, CircuitVerdict.Success);
        _circuit.Admit().Allowed.ShouldBeFalse();
        _circuit.End(probes[1].Ticket, CircuitVerdict.NoVerdict);
        var fourth = _circuit.Admit();
        fourth.IsProbe.ShouldBeTrue();

        _circuit.End(probes[2].Ticket, CircuitVerdict.Success);
        _circuit.Phase.ShouldBe(CircuitPhase.HalfOpen);
        _circuit.End(fourth.Ticket, CircuitVerdict.Success);
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
    }

    [Fact]
    public void One_failed_probe_of_three_opens_and_the_others_are_late()
    {
        _circuit.Calls("FFFFF");
        var first = _circuit.At(10).Admit();
        var second = _circuit.Admit();
        _circuit.End(first.Ticket, CircuitVerdict.Failure);
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
        _circuit.End(second.Ticket, CircuitVerdict.Success);
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
    }

    [Fact]
    public void Two_calls_in_a_row_that_all_endpoints_refuse_open_it_and_a_probe_of_the_transport_ends_it_early()
    {
        var call = _circuit.Admit();
        _circuit.End(call.Ticket, CircuitVerdict.Failure, unreachable: true);
        _circuit.Keep(_circuit.Machine.EndpointsRefused(call.Ticket, _circuit.Now)).IsEmpty.ShouldBeTrue();
        call = _circuit.Admit();
        _circuit.End(call.Ticket, CircuitVerdict.Failure, unreachable: true);
        var opened = _circuit.Keep(_circuit.Machine.EndpointsRefused(call.Ticket, _circuit.Now)).First.ShouldBeOfType<CircuitEvent.Opened>();
        opened.Cause.ShouldBe(CircuitCause.EndpointsRefuse);
        opened.TransportLost.ShouldBeTrue();

        _circuit.At(1).Admit().Allowed.ShouldBeFalse();
        _circuit.Keep(_circuit.Machine.TransportBack(_circuit.Now)).First.ShouldBeOfType<CircuitEvent.HalfOpened>().Cause.ShouldBe(CircuitCause.TransportBack);
        _circuit.Admit().IsProbe.ShouldBeTrue();
    }

    [Theory]
    [InlineData(CircuitVerdict.Success)]
    [InlineData(CircuitVerdict.Failure)]
    public void An_answer_between_two_refused_calls_means_they_are_not_in_a_row(CircuitVerdict between)
    {
        var refused = _circuit.Admit().Ticket;
        _circuit.Machine.EndpointsRefused(refused, _circuit.Now);
        _circuit.End(_circuit.Admit().Ticket, between);
        _circuit.Machine.EndpointsRefused(refused, _circuit.Now).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void A_circuit_that_failing_calls_opened_waits_for_its_time()
    {
        _circuit.Calls("FFFFF");
        _circuit.Machine.TransportBack(_circuit.At(1).Now).IsEmpty.ShouldBeTrue();
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
    }

    [Theory]
    [InlineData("UUUUU", true)]
    [InlineData("UUFUU", false)]
    public void Nothing_but_refused_connections_means_that_the_transport_is_lost(string calls, bool lost)
    {
        _circuit.Calls(calls);
        _circuit.Machine.State.OpenedByLostTransport.ShouldBe(lost);
    }

    [Fact]
    public void Crash_loop_opens_at_once_but_not_twice_and_not_against_an_operator()
    {
        _circuit.Machine.CrashLoop("5 exits in 60 s", _circuit.Now).First.ShouldBeOfType<CircuitEvent.Opened>().Reason.ShouldBe("5 exits in 60 s");
        _circuit.Machine.CrashLoop("again", _circuit.Now).IsEmpty.ShouldBeTrue();
        _circuit.Machine.Reset("fixed", _circuit.Now);
        _circuit.Machine.SetMode(CircuitMode.ForcedClosed, "let it through", null, _circuit.Now);
        _circuit.Machine.CrashLoop("again", _circuit.Now).IsEmpty.ShouldBeTrue();
        _circuit.Admit().Allowed.ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(4, 16)]
    [InlineData(5, 30)]
    [InlineData(1000, 30)]
    public void Probes_of_a_lost_transport_back_off(int made, double seconds) =>
        CircuitMachine.TransportProbeDelay(made).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void Forced_closed_lets_failures_pass_and_ends_by_itself_to_a_clean_window()
    {
        _circuit.Keep(_circuit.Machine.SetMode(CircuitMode.ForcedClosed, "demo", _circuit.Now + TimeSpan.FromHours(1), _circuit.Now));
        _circuit.Calls(new string('F', 50));
        _circuit.Machine.State.EffectivePhase.ShouldBe(CircuitPhase.Closed);
        _circuit.Machine.Snapshot(_circuit.Now).Window.Failures.ShouldBe(50);
        _circuit.Machine.NextTick.ShouldBe(CircuitDriver.Start + TimeSpan.FromHours(1));

        _circuit.At(3600).Calls("FFFF");
        _circuit.Events[^1].ShouldBeOfType<CircuitEvent.Released>();
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Calls("F");
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
    }

    [Fact]
    public void Forced_open_over_an_open_circuit_ends_into_a_probe_with_two_transitions_in_one_call()
    {
        _circuit.Calls("FFFFF");
        _circuit.Keep(_circuit.Machine.SetMode(CircuitMode.ForcedOpen, "maintenance", _circuit.Now + TimeSpan.FromMinutes(2), _circuit.Now));
        _circuit.At(60).Admit().RetryAfter.ShouldBe(TimeSpan.FromMinutes(1));
        var admission = _circuit.At(120).Admit();
        admission.IsProbe.ShouldBeTrue();
        admission.Transitions.Count.ShouldBe(2);
        admission.Transitions[0].ShouldBeOfType<CircuitEvent.Released>();
        admission.Transitions[1].ShouldBeOfType<CircuitEvent.HalfOpened>();
    }

    [Fact]
    public void Setting_auto_while_automatic_is_no_transition() =>
        _circuit.Machine.SetMode(CircuitMode.Auto, "", null, _circuit.Now).IsEmpty.ShouldBeTrue();

    [Fact]
    public void Clock_set_back_by_hours_does_not_keep_it_open_or_its_probe_hanging()
    {
        _circuit.Calls("FFFFF");
        _circuit.At(-7200).Admit().IsProbe.ShouldBeTrue();
        _circuit.At(-14400).Admit().Transitions.First.ShouldBeOfType<CircuitEvent.Opened>().Cause.ShouldBe(CircuitCause.ProbeHung);
    }

    [Fact]
    public void New_settings_keep_the_state_and_refuse_results_of_the_old_ones()
    {
        var early = _circuit.Admit();
        _circuit.Machine.Reconfigure(CircuitOptions.Default with { ConsecutiveFailures = 1 });
        _circuit.End(early.Ticket, CircuitVerdict.Failure).IsEmpty.ShouldBeTrue();
        _circuit.Calls("F");
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
        _circuit.Machine.Reconfigure(CircuitOptions.Default);
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
    }

    [Theory]
    [InlineData(-0.5, "failureRate")]
    [InlineData(1.01, "failureRate")]
    [InlineData(double.NaN, "failureRate")]
    public void Impossible_settings_are_refused_by_name(double rate, string key)
    {
        var options = CircuitOptions.Default with { FailureRate = rate, HalfOpenCalls = 0 };
        CircuitOptions.Rules.Broken(options).Select(rule => rule.Key).ShouldBe([key, "halfOpenCalls"]);
        Should.Throw<ArgumentException>(() => new CircuitMachine(options)).Message.ShouldContain(key);
        CircuitOptions.Rules.Broken(CircuitOptions.Default).ShouldBeEmpty();
    }
}
