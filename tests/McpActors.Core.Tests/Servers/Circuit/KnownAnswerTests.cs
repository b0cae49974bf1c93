using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Tests.Servers.Circuit;

/// <summary>The known answers measured on Polly.Core 8.9.1; K6, K7 and K8 show where this circuit differs on purpose.</summary>
public sealed class KnownAnswerTests
{
    private readonly CircuitDriver _circuit = new(CircuitDriver.LikePolly);

    [Fact]
    public void K1_Fourth_failure_opens_and_the_next_call_is_told_when_to_retry()
    {
        _circuit.Calls("FFF");
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Calls("F");
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
        var rejected = _circuit.Admit();
        rejected.Allowed.ShouldBeFalse();
        rejected.Rejection.ShouldBe(CircuitRejection.Open);
        rejected.RetryAfter.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void K2_Exactly_the_threshold_opens()
    {
        _circuit.Calls("SSFF");
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
    }

    [Fact]
    public void K3_Only_a_failure_opens()
    {
        _circuit.Calls("FFFS");
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Calls("F");
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
    }

    [Fact]
    public void K4_Probe_runs_when_the_open_time_is_over_and_closes_with_an_empty_window()
    {
        _circuit.Calls("FFFF");
        _circuit.At(4.999).Admit().RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(1));
        _circuit.At(5).Calls("S").IsProbe.ShouldBeTrue();
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Calls("FFF");
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Calls("F");
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
    }

    [Fact]
    public void K5_Failed_probe_opens_for_the_full_time_again()
    {
        _circuit.Calls("FFFF");
        _circuit.At(5).Calls("F");
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
        _circuit.At(9.999).Admit().Allowed.ShouldBeFalse();
        _circuit.At(10).Admit().Allowed.ShouldBeTrue();
    }

    [Fact]
    public void K6_Unclassified_failure_of_a_probe_is_a_failure_unlike_Polly()
    {
        _circuit.Calls("FFFF");
        var probe = _circuit.At(5).Admit();
        var unknown = new AttemptOutcome((AttemptResult)999, Sent: true, FirstByte: false, TimeSpan.Zero);
        _circuit.Machine.Record(CircuitSample.Of(probe.Ticket, unknown), _circuit.Now);
        _circuit.Phase.ShouldBe(CircuitPhase.Open);
    }

    [Fact]
    public void K7_Hung_probe_fails_after_the_maximum_wait_unlike_Polly()
    {
        _circuit.Calls("FFFF");
        _circuit.At(5).Admit().IsProbe.ShouldBeTrue();
        _circuit.Admit().Rejection.ShouldBe(CircuitRejection.ProbesInFlight);
        _circuit.At(34.999).Admit().Rejection.ShouldBe(CircuitRejection.ProbesInFlight);
        _circuit.Machine.NextTick.ShouldBe(CircuitDriver.Start + TimeSpan.FromSeconds(35));
        var hung = _circuit.At(35).Admit();
        hung.Rejection.ShouldBe(CircuitRejection.Open);
        hung.Transitions.First.ShouldBeOfType<CircuitEvent.Opened>().Cause.ShouldBe(CircuitCause.ProbeHung);
        _circuit.At(40).Admit().IsProbe.ShouldBeTrue();
    }

    [Fact]
    public void K8_Cancelled_probe_is_no_verdict_and_gives_its_permit_back_unlike_Polly()
    {
        _circuit.Calls("FFFF");
        _circuit.At(5).Calls("N");
        _circuit.Phase.ShouldBe(CircuitPhase.HalfOpen);
        _circuit.Admit().IsProbe.ShouldBeTrue();
    }

    [Theory]
    [InlineData(9.99, CircuitPhase.Open)]
    [InlineData(10.00, CircuitPhase.Closed)]
    public void K9_K10_Failures_count_until_they_are_as_old_as_the_window(double seconds, CircuitPhase expected)
    {
        _circuit.Calls("FFF");
        _circuit.At(seconds).Calls("F");
        _circuit.Phase.ShouldBe(expected);
    }

    [Fact]
    public void K11_Failure_leaves_with_the_part_of_the_window_it_belongs_to()
    {
        _circuit.Calls("FF");
        _circuit.At(0.5).Calls("F");
        _circuit.At(10).Calls("F");
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Machine.Snapshot(_circuit.Now).Window.Failures.ShouldBe(1);
    }

    [Fact]
    public void K12_Forced_open_rejects_until_it_is_reset()
    {
        _circuit.Machine.SetMode(CircuitMode.ForcedOpen, "maintenance", until: null, _circuit.Now);
        _circuit.Admit().Rejection.ShouldBe(CircuitRejection.ForcedOpen);
        var later = _circuit.At(86_400).Admit();
        later.Rejection.ShouldBe(CircuitRejection.ForcedOpen);
        later.RetryAfter.ShouldBeNull();
        _circuit.Machine.Reset("done", _circuit.Now);
        _circuit.Admit().Allowed.ShouldBeTrue();
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
    }

    [Theory]
    [InlineData(CircuitVerdict.Success)]
    [InlineData(CircuitVerdict.Failure)]
    public void K14_Result_of_an_older_phase_changes_nothing(CircuitVerdict late)
    {
        var early = _circuit.Admit();
        _circuit.Calls("FFFF");
        _circuit.End(early.Ticket, late);
        _circuit.Phase.ShouldBe(CircuitPhase.Open);

        var probe = _circuit.At(5).Admit();
        _circuit.End(early.Ticket, late);
        _circuit.Phase.ShouldBe(CircuitPhase.HalfOpen);

        _circuit.End(probe.Ticket, CircuitVerdict.Success);
        _circuit.End(early.Ticket, late);
        _circuit.Phase.ShouldBe(CircuitPhase.Closed);
        _circuit.Machine.Snapshot(_circuit.Now).Window.Calls.ShouldBe(0);
    }

    [Fact]
    public void K15_Ten_of_a_hundred_open_at_ten_percent()
    {
        var circuit = new CircuitDriver(CircuitDriver.LikePolly with { FailureRate = 0.1, MinimumCalls = 100, Window = TimeSpan.FromSeconds(30) });
        circuit.Calls(new string('S', 90) + new string('F', 9));
        circuit.Phase.ShouldBe(CircuitPhase.Closed);
        circuit.Calls("F");
        circuit.Phase.ShouldBe(CircuitPhase.Open);
    }
}
