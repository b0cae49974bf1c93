using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Tests.Servers.Circuit;

/// <summary>Drives a circuit by its public face, on its own time, and keeps every transition.</summary>
internal sealed class CircuitDriver(CircuitOptions options, CircuitState? state = null)
{
    private readonly CircuitState _first = state ?? CircuitState.Initial;

    /// <summary>Polly's settings of the known answers: 0.5, 4, 10 s, 5 s, and none of our own rules.</summary>
    internal static CircuitOptions LikePolly { get; } = new()
    {
        FailureRate = 0.5,
        MinimumCalls = 4,
        Window = TimeSpan.FromSeconds(10),
        ConsecutiveFailures = 0,
        SlowCall = TimeSpan.Zero,
        OpenFor = TimeSpan.FromSeconds(5),
        MaxOpenFor = TimeSpan.FromSeconds(5),
        HalfOpenCalls = 1,
    };

    internal static DateTimeOffset Start { get; } = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);

    internal CircuitMachine Machine { get; } = new(options, state);

    internal DateTimeOffset Now { get; set; } = Start;

    internal List<CircuitEvent> Events { get; } = [];

    internal CircuitPhase Phase => Machine.State.Phase;

    internal CircuitState Replayed => Events.Aggregate(_first, (state, change) => state.Evolve(change));

    /// <summary>Sets the time in seconds after the start.</summary>
    internal CircuitDriver At(double seconds)
    {
        Now = Start + TimeSpan.FromSeconds(seconds);
        return this;
    }

    internal CircuitAdmission Admit()
    {
        var admission = Machine.TryAdmit(Now);
        Keep(admission.Transitions);
        return admission;
    }

    internal CircuitTransitions End(CircuitTicket ticket, CircuitVerdict verdict, double seconds = 0.01, bool unreachable = false) =>
        Keep(Machine.Record(new CircuitSample(ticket, verdict, TimeSpan.FromSeconds(seconds), unreachable), Now));

    /// <summary>Whole calls, one after the other: F failed, S succeeded, N without verdict, U unreachable, L slow success. Returns the last admission.</summary>
    internal CircuitAdmission Calls(string script)
    {
        CircuitAdmission last = default;
        foreach (var call in script)
        {
            last = Admit();
            if (last.Allowed)
            {
                var verdict = call switch
                {
                    'S' or 'L' => CircuitVerdict.Success,
                    'N' => CircuitVerdict.NoVerdict,
                    _ => CircuitVerdict.Failure,
                };
                End(last.Ticket, verdict, call == 'L' ? 3600 : 0.01, call == 'U');
            }
        }

        return last;
    }

    internal CircuitTransitions Keep(CircuitTransitions transitions)
    {
        for (var i = 0; i < transitions.Count; i++)
        {
            Events.Add(transitions[i]);
        }

        return transitions;
    }
}
