using FsCheck.Xunit;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Tests.Servers.Circuit;

/// <summary>What holds for every script with our own settings.</summary>
public sealed class CircuitProperties
{
    private static readonly double[] Seconds = [0.001, 0.5, 1, 3, 10, 29.9, 30, 60, 300, 3600];

    [Property(MaxTest = 1000, EndSize = 300)]
    public void Replaying_the_events_gives_the_state_and_probes_never_exceed_their_permits(byte[] script)
    {
        var circuit = new CircuitDriver(CircuitOptions.Default);
        var open = new List<CircuitTicket>();
        foreach (var step in script)
        {
            Step(circuit, open, step);

            circuit.Replayed.ShouldBe(circuit.Machine.State);
            var shown = circuit.Machine.Snapshot(circuit.Now);
            (shown.ProbesInFlight + shown.ProbesPassed).ShouldBeInRange(0, CircuitOptions.Default.HalfOpenCalls);
            if (shown.State.Phase != CircuitPhase.HalfOpen)
            {
                shown.ProbesInFlight.ShouldBe(0);
            }

            if (shown.State is { Mode: CircuitMode.Auto, Phase: CircuitPhase.Open, Until: { } until })
            {
                (until - shown.State.Since).ShouldBeLessThanOrEqualTo(CircuitOptions.Default.MaxOpenFor);
            }
        }
    }

    [Property(MaxTest = 500, EndSize = 300)]
    public void No_script_leaves_it_rejecting_for_ever(byte[] script)
    {
        var circuit = new CircuitDriver(CircuitOptions.Default);
        var open = new List<CircuitTicket>();
        foreach (var step in script)
        {
            Step(circuit, open, step);
        }

        circuit.Keep(circuit.Machine.SetMode(CircuitMode.Auto, "", null, circuit.Now));
        var healed = false;
        for (var round = 0; round < 5 && !healed; round++)
        {
            circuit.Now += CircuitOptions.Default.MaxOpenFor;
            circuit.Calls("SSS");
            healed = circuit.Phase == CircuitPhase.Closed;
        }

        healed.ShouldBeTrue();
    }

    private static void Step(CircuitDriver circuit, List<CircuitTicket> open, byte step)
    {
        var detail = step / 12;
        switch (step % 12)
        {
            case 0 or 1 or 2:
                var admission = circuit.Admit();
                if (admission.Allowed)
                {
                    open.Add(admission.Ticket);
                }

                break;
            case 3 or 4 or 5 when open.Count > 0:
                var ticket = open[detail % open.Count];
                open.Remove(ticket);
                circuit.End(ticket, (CircuitVerdict)(step % 3), detail, unreachable: step % 3 == 1 && detail % 2 == 0);
                break;
            case 6:
                circuit.Calls("FFFUU");
                break;
            case 7:
                circuit.Now += TimeSpan.FromSeconds(Seconds[detail % Seconds.Length]);
                break;
            case 8:
                circuit.Keep(circuit.Machine.SetMode((CircuitMode)(detail % 3), "", circuit.Now + TimeSpan.FromMinutes(detail), circuit.Now));
                break;
            case 9:
                circuit.Keep(detail % 2 == 0 ? circuit.Machine.CrashLoop("", circuit.Now) : circuit.Machine.TransportBack(circuit.Now));
                break;
            case 10:
                circuit.Keep(circuit.Machine.Tick(circuit.Now));
                break;
            case 11 when detail % 4 == 0:
                circuit.Keep(circuit.Machine.Reset("", circuit.Now));
                break;
        }
    }
}
