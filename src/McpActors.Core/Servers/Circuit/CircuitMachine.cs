using System.Globalization;
using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Circuit;

/// <summary>
/// The circuit breaker of one server: counts traffic in place, decides, and returns its transitions as events. Owned by one actor; not thread-safe.
/// Time is an input. Without a transition nothing is allocated. Phases by time change when a call or <see cref="Tick"/> meets them.
/// Deliberate differences from Polly: N half-open permits with a maximum wait, a caller's cancel is no verdict, slow calls and failures in a row trip too,
/// results of an older phase never count, and the open time doubles.
/// </summary>
public sealed class CircuitMachine
{
    /// <summary>How many calls in a row all endpoints must refuse.</summary>
    private const int RefusedCallsToOpen = 2;

    private static readonly TimeSpan FirstTransportProbe = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SlowestTransportProbe = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ProbesInFlightRetryAfter = TimeSpan.FromSeconds(1);

    private CircuitOptions _options;
    private CircuitWindow _window;
    private HalfOpenProbes _probes;
    private long _epoch = 1;
    private int _consecutiveFailures;
    private int _consecutiveUnreachable;
    private int _refusedCalls;

    /// <summary>A circuit in a known state, for example recovered from the journal.</summary>
    public CircuitMachine(CircuitOptions options, CircuitState? state = null)
    {
        CircuitOptions.Rules.ThrowIfBroken(options);
        _options = options;
        _window = new CircuitWindow(options.Window);
        _probes = new HalfOpenProbes(options.HalfOpenCalls);
        State = state ?? CircuitState.Initial;
    }

    /// <summary>The durable part.</summary>
    public CircuitState State { get; private set; }

    /// <summary>Counts the phases: what was admitted in another one is not counted in this.</summary>
    public long Epoch => _epoch;

    /// <summary>Outcomes told so far that say something about the server.</summary>
    public long Told { get; private set; }

    /// <summary>When <see cref="Tick"/> has something to do at the earliest, if at all.</summary>
    public DateTimeOffset? NextTick => State.Mode != CircuitMode.Auto
        ? State.ForcedUntil
        : State.Phase == CircuitPhase.HalfOpen ? _probes.OldestStart + _options.HalfOpenMaxWait : null;

    /// <summary>How long to wait before a side-effect-free probe of a lost transport, by the number of probes already made: 1 s, doubling to 30 s.</summary>
    public static TimeSpan TransportProbeDelay(int probesMade) =>
        probesMade >= 5 ? SlowestTransportProbe : FirstTransportProbe * (1 << Math.Max(0, probesMade));

    /// <summary>Asks for one attempt. An allowed attempt must be recorded, also when it is never sent (<see cref="CircuitVerdict.NoVerdict"/>).</summary>
    public CircuitAdmission TryAdmit(DateTimeOffset now)
    {
        var state = State;
        return state.Mode == CircuitMode.Auto && state.Phase == CircuitPhase.Closed
            ? new CircuitAdmission(CircuitRejection.None, new CircuitTicket(_epoch), null, default)
            : AdmitUnlessOpen(now);
    }

    /// <summary>Takes the outcome of an attempt. Outcomes of an older phase, and those reported twice by a probe, are ignored.</summary>
    public CircuitTransitions Record(in CircuitSample sample, DateTimeOffset now)
    {
        Told += sample.Verdict == CircuitVerdict.NoVerdict ? 0 : 1;
        if (sample.Ticket.Epoch != _epoch)
        {
            return default;
        }

        if (State is { Mode: CircuitMode.Auto, Phase: CircuitPhase.HalfOpen })
        {
            return RecordProbe(sample, now);
        }

        if (sample.Verdict == CircuitVerdict.NoVerdict)
        {
            return default;
        }

        var slow = Count(sample, now);
        return State.Mode == CircuitMode.Auto ? TripIfDue(sample, slow, now) : default;
    }

    /// <summary>Does what time alone does: ends a forced state, and fails a half-open call that hangs.</summary>
    public CircuitTransitions Tick(DateTimeOffset now)
    {
        if (State.Mode != CircuitMode.Auto)
        {
            return State.ForcedUntil <= now ? Apply(new CircuitEvent.Released(now, "the forced state reached its end")) : default;
        }

        return State.Phase == CircuitPhase.HalfOpen && HasHungProbe(now)
            ? Open(CircuitCause.ProbeHung, Invariant($"a half-open call had no end after {_options.HalfOpenMaxWait.TotalSeconds:0.###} s"), false, now)
            : default;
    }

    /// <summary>The server's process ends again and again: open at once. Ignored when open or forced.</summary>
    public CircuitTransitions CrashLoop(string reason, DateTimeOffset now) =>
        State is { Mode: CircuitMode.Auto, Phase: not CircuitPhase.Open } ? Open(CircuitCause.CrashLoop, reason, true, now) : default;

    /// <summary>
    /// A call ended because all endpoints refused the connection; the second in a row opens the circuit. Told once per call, after its last attempt:
    /// a call that recovered by its own retry does not count.
    /// </summary>
    public CircuitTransitions EndpointsRefused(CircuitTicket ticket, DateTimeOffset now)
    {
        _refusedCalls += ticket.Epoch == _epoch ? 1 : 0;
        return _refusedCalls >= RefusedCallsToOpen && State is { Mode: CircuitMode.Auto, Phase: CircuitPhase.Closed }
            ? Open(CircuitCause.EndpointsRefuse, "all endpoints refused the connection twice in a row", true, now)
            : default;
    }

    /// <summary>A side-effect-free probe reached the server: half-open early, if a lost transport had opened the circuit.</summary>
    public CircuitTransitions TransportBack(DateTimeOffset now) =>
        State is { Mode: CircuitMode.Auto, Phase: CircuitPhase.Open, OpenedByLostTransport: true }
            ? Apply(new CircuitEvent.HalfOpened(now, "the server can be reached again", CircuitCause.TransportBack))
            : default;

    /// <summary>An operator sets the mode; <see cref="CircuitMode.Auto"/> ends a forced state.</summary>
    /// <param name="mode">The mode.</param>
    /// <param name="reason">The operator's reason.</param>
    /// <param name="until">When it ends by itself; none: never.</param>
    /// <param name="now">The time.</param>
    public CircuitTransitions SetMode(CircuitMode mode, string reason, DateTimeOffset? until, DateTimeOffset now)
    {
        if (mode != CircuitMode.Auto)
        {
            return Apply(new CircuitEvent.Forced(now, reason, mode, until));
        }

        return State.Mode == CircuitMode.Auto ? default : Apply(new CircuitEvent.Released(now, reason));
    }

    /// <summary>An operator sets it to closed and automatic.</summary>
    public CircuitTransitions Reset(string reason, DateTimeOffset now) => Apply(new CircuitEvent.Reset(now, reason));

    /// <summary>New settings: the state stays, counts and permits start anew.</summary>
    public void Reconfigure(CircuitOptions options)
    {
        CircuitOptions.Rules.ThrowIfBroken(options);
        _options = options;
        _window = new CircuitWindow(options.Window);
        _probes = new HalfOpenProbes(options.HalfOpenCalls);
        Forget();
    }

    /// <summary>
    /// Takes over what the journal says, also after having served without it. The transitions returned lead from the journalled state to the merged
    /// one and are to be journalled instead of those made here before.
    /// </summary>
    public CircuitTransitions Restore(CircuitState journalled, DateTimeOffset now)
    {
        var changes = CircuitMerge.Lead(journalled, State, now);
        State = journalled with { Recovered = true };
        for (var i = 0; i < changes.Count; i++)
        {
            State = State.Evolve(changes[i]);
        }

        Forget();
        return changes;
    }

    /// <summary>All that can be shown.</summary>
    public CircuitSnapshot Snapshot(DateTimeOffset now)
    {
        _window.Expire(now);
        return new CircuitSnapshot(State, _window.Counts, _consecutiveFailures, _probes.InFlight, _probes.Passed);
    }

    // A start that lies more than the wait ahead means that the clock was set back.
    private bool HasHungProbe(DateTimeOffset now) =>
        _probes.OldestStart is { } start && (now - start).Duration() >= _options.HalfOpenMaxWait;

    private CircuitAdmission AdmitUnlessOpen(DateTimeOffset now)
    {
        var changes = Tick(now);
        var state = State;
        if (state.Mode == CircuitMode.ForcedOpen)
        {
            return new CircuitAdmission(CircuitRejection.ForcedOpen, default, state.ForcedUntil - now, changes);
        }

        if (state.Mode == CircuitMode.ForcedClosed || state.Phase == CircuitPhase.Closed)
        {
            return new CircuitAdmission(CircuitRejection.None, new CircuitTicket(_epoch), null, changes);
        }

        if (state.Phase == CircuitPhase.Open)
        {
            var rest = state.Until.GetValueOrDefault() - now;

            // More rest than a circuit can be given means that the clock was set back; waiting for it again could take for ever.
            if (rest > TimeSpan.Zero && rest <= _options.MaxOpenFor)
            {
                return new CircuitAdmission(CircuitRejection.Open, default, rest, changes);
            }

            var halfOpened = new CircuitEvent.HalfOpened(now, "the open time passed", CircuitCause.TimePassed);
            Apply(halfOpened);
            changes = changes.Then(halfOpened);
        }

        return AdmitProbe(changes, now);
    }

    private CircuitAdmission AdmitProbe(CircuitTransitions changes, DateTimeOffset now)
    {
        var slot = _probes.TryTake(now);
        return slot >= 0
            ? new CircuitAdmission(CircuitRejection.None, new CircuitTicket(_epoch, slot), null, changes)
            : new CircuitAdmission(CircuitRejection.ProbesInFlight, default, ProbesInFlightRetryAfter, changes);
    }

    private CircuitTransitions RecordProbe(in CircuitSample sample, DateTimeOffset now)
    {
        if (!_probes.TryReturn(sample.Ticket.ProbeSlot))
        {
            return default;
        }

        switch (sample.Verdict)
        {
            case CircuitVerdict.NoVerdict:
                return default;
            case CircuitVerdict.Success:
                _probes.Pass();
                return _probes.AllPassed
                    ? Apply(new CircuitEvent.Closed(now, Invariant($"{_probes.Passed} half-open calls succeeded")))
                    : default;
            default:
                return Open(CircuitCause.ProbeFailed, "a half-open call failed", sample.Unreachable, now);
        }
    }

    private bool Count(in CircuitSample sample, DateTimeOffset now)
    {
        var success = sample.Verdict == CircuitVerdict.Success;
        var slow = _options.SlowCall > TimeSpan.Zero && sample.Latency >= _options.SlowCall;
        _window.Record(success, slow, now);
        _consecutiveFailures = success ? 0 : _consecutiveFailures + 1;
        _consecutiveUnreachable = sample.Unreachable ? _consecutiveUnreachable + 1 : 0;
        _refusedCalls = sample.Unreachable ? _refusedCalls : 0;
        return slow;
    }

    private CircuitTransitions TripIfDue(in CircuitSample sample, bool slow, DateTimeOffset now)
    {
        // Only what is bad trips: a success must not open the circuit for the failures before it.
        if (sample.Verdict == CircuitVerdict.Success && !slow)
        {
            return default;
        }

        // Where nothing but refused connections led here, there is no point in waiting once the server can be reached again.
        var lost = _consecutiveUnreachable > 0 && _consecutiveUnreachable == _consecutiveFailures;
        if (_options.ConsecutiveFailures > 0 && _consecutiveFailures >= _options.ConsecutiveFailures)
        {
            return Open(CircuitCause.ConsecutiveFailures, Invariant($"{_consecutiveFailures} failures in a row"), lost, now);
        }

        var counts = _window.Counts;
        if (counts.Calls < _options.MinimumCalls)
        {
            return default;
        }

        if (sample.Verdict != CircuitVerdict.Success && counts.FailureRate >= _options.FailureRate)
        {
            return Open(CircuitCause.FailureRate, Rate("failed", counts.Failures, counts.Calls), lost, now);
        }

        return slow && counts.SlowCallRate >= _options.SlowCallRate
            ? Open(CircuitCause.SlowCallRate, Rate("slow", counts.Slow, counts.Calls), false, now)
            : default;
    }

    private CircuitTransitions Open(CircuitCause cause, string reason, bool transportLost, DateTimeOffset now) =>
        Apply(new CircuitEvent.Opened(now, reason, cause, now + NextOpenTime(), transportLost));

    private TimeSpan NextOpenTime()
    {
        var time = _options.OpenFor.Ticks;
        for (var opened = 0; opened < State.OpenCount && time < _options.MaxOpenFor.Ticks; opened++)
        {
            time *= 2;
        }

        return TimeSpan.FromTicks(Math.Min(time, _options.MaxOpenFor.Ticks));
    }

    private CircuitTransitions Apply(CircuitEvent change)
    {
        State = State.Evolve(change);
        if (change is CircuitEvent.Opened)
        {
            // The counts that opened it stay to be seen; they leave with time or when it closes.
            Forget(keepWindow: true);
        }
        else
        {
            Forget();
        }

        return new CircuitTransitions(change);
    }

    private void Forget(bool keepWindow = false)
    {
        _epoch++;
        _probes.Clear();
        _consecutiveFailures = 0;
        _consecutiveUnreachable = 0;
        _refusedCalls = 0;
        if (!keepWindow)
        {
            _window.Clear();
        }
    }

    private string Rate(string what, int part, int calls) =>
        Invariant($"{part} of {calls} calls {what} within {_options.Window.TotalSeconds:0.###} s");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
