using McpActors.Core.Health;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Slots;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers;

/// <summary>What a server's actor does about a probe.</summary>
/// <param name="Connection">The connection whose opening or answer is the probe; null: none is made.</param>
/// <param name="Text">Why none is made.</param>
public readonly record struct ProbeStep(ConnectionId? Connection, string? Text);

// Probes and facts for the monitor of health. A probe takes no permit and no ticket of the circuit, and is no use of its connection.
public sealed partial class ServerDecider
{
    /// <summary>How long a server may take to answer a probe: 5 s.</summary>
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private long _toldHealth;
    private uint _probeTurn;

    /// <summary>What is known of the server without asking it. Taking them starts a new count of <see cref="ServerFacts.Traffic"/>.</summary>
    public ServerFacts TakeFacts(DateTimeOffset now)
    {
        var traffic = HasNewTraffic;
        _toldHealth = _circuit.Told;
        var snapshot = _circuit.Snapshot(now);
        var life = Life(out var error);
        var phase = PhaseNow(now);
        var text = phase == CircuitPhase.Closed ? error : snapshot.State.Reason;
        return new ServerFacts(
            Server, phase, snapshot.State.Mode != CircuitMode.Auto, life, snapshot.Window, snapshot.ConsecutiveFailures, traffic, HealthText.Cut(text));
    }

    /// <summary>Whether there were calls since the facts were last taken.</summary>
    public bool HasNewTraffic => _circuit.Told != _toldHealth;

    /// <summary>What of the facts is told at once when it changes.</summary>
    public (CircuitPhase Phase, CircuitMode Mode, ServerLife Life) Standing => (_circuit.State.EffectivePhase, _circuit.State.Mode, Life(out _));

    /// <summary>
    /// Decides about a probe: over the connection that is there; over a fresh one where the circuit is to find out whether the server is back, where the
    /// last one failed, or where a connection costs the server nothing. Nothing that is stopped is started for it, least of all a process.
    /// </summary>
    public ProbeStep Probe(DateTimeOffset now)
    {
        var state = _circuit.State;
        var life = Life(out var error);
        if (life == ServerLife.Off || _draining)
        {
            return new ProbeStep(null, "it takes no calls");
        }

        var phase = PhaseNow(now);
        if (phase == CircuitPhase.Open || life == ServerLife.Starting)
        {
            return new ProbeStep(null, phase == CircuitPhase.Open ? "the circuit is open" : "it is being started");
        }

        var ready = SlotToProbe();
        // One that does one thing at a time answers nothing else meanwhile, and how its calls end tells more.
        if (ready is not null && _settings.IsProcess && _calls.All.Any(call => call.Phase == CallPhase.Running && call.Connection == ready.Current!.Id))
        {
            return new ProbeStep(null, "it is busy with calls");
        }

        // Half-open by a call, the old connections are gone already; open by time, they are from before.
        var stale = state.Phase == CircuitPhase.Open && ready is not null && ready.Since <= state.Since;
        if (ready is not null && !(stale && !_settings.IsProcess && ready.Key == SlotKey.Shared))
        {
            Effects.Add(new ServerEffect.Ping(ready.Current!.Id, ProbeTimeout));
            return new ProbeStep(ready.Current.Id, null);
        }

        var mayOpen = !_settings.IsProcess && (phase == CircuitPhase.HalfOpen || life == ServerLife.Failing || _slots.Stateless);
        return mayOpen ? OpenToProbe(now) : new ProbeStep(null, error ?? "nothing of it runs");
    }

    /// <summary>How a probe ended.</summary>
    public static ProbeResult ResultOf(in AttemptOutcome outcome) => outcome switch
    {
        { Verdict: CircuitVerdict.Success } or { Result: AttemptResult.SessionLost } => ProbeResult.Answered,
        { Verdict: CircuitVerdict.Failure } => ProbeResult.Failed,
        _ => ProbeResult.Skipped,
    };

    /// <summary>A probe over an open connection ended. False: its connection was taken out of use meanwhile, so it says nothing.</summary>
    public bool Pinged(ConnectionId id, in AttemptOutcome outcome, double random, DateTimeOffset now)
    {
        var link = _slots.Find(id);
        var known = link is { Retired: false };
        if (known && _replicas is not null && HealthSign.OfReplica(ResultOf(outcome), outcome.Latency) is { } sign)
        {
            _health.Probed(link!.Endpoint, sign, now);
        }

        if (known && outcome.Result == AttemptResult.SessionLost)
        {
            // Found before a caller met it.
            _slots.Lost(id, HealedWhat.Session, new UpstreamFault("the upstream forgot the session"), random, now);
            _slots.RetryDue(KeepsRunning, now);
        }

        Settle(now);
        return known;
    }

    private ProbeStep OpenToProbe(DateTimeOffset now)
    {
        // One after the other: each replica that answers speaks for the server.
        var slot = _slots.SharedAt((int)(_probeTurn++ % Math.Max(1, _settings.Replicas.Count)));
        if (slot.Phase == SlotPhase.Ready)
        {
            _slots.Retire(slot, "probed anew", atOnce: false, now);
        }

        _slots.EnsureConnecting(slot, now);
        return new ProbeStep(slot.Current?.Id, slot.Current is null ? "it is too early after a failure" : null);
    }

    // Of several replicas the one that nobody has heard of for longest.
    private Slot? SlotToProbe()
    {
        var ready = _slots.All.Where(slot => slot.Phase == SlotPhase.Ready);
        if (_replicas is null)
        {
            return ready.FirstOrDefault();
        }

        var slots = ready.ToList();
        return slots.Count == 0 ? null : slots.Find(slot => slot.Endpoint == _health.Next(slots.Select(each => each.Endpoint)));
    }

    // As the next call would find it: time moves an open circuit on, but only a call makes that a transition.
    private CircuitPhase PhaseNow(DateTimeOffset now)
    {
        var state = _circuit.State;
        return state is { Mode: CircuitMode.Auto, Phase: CircuitPhase.Open, OpenedByLostTransport: false } && state.Until <= now
            ? CircuitPhase.HalfOpen
            : state.EffectivePhase;
    }

    private ServerLife Life(out string? error)
    {
        error = null;
        if (!_settings.Exists || !_settings.Enabled)
        {
            return ServerLife.Off;
        }

        var opening = false;
        Slot? failed = null;
        foreach (var slot in _slots.All)
        {
            if (slot.Phase == SlotPhase.Ready)
            {
                return ServerLife.Ready;
            }

            opening |= slot.Phase == SlotPhase.Connecting;
            failed = slot is { Phase: SlotPhase.BackingOff, LastError: not null } ? slot : failed;
        }

        // What a child wrote to stderr may hold anything, and this goes to webhooks.
        error = failed?.LastError?.Text;
        return opening ? ServerLife.Starting : failed is not null ? ServerLife.Failing : _slots.Stateless ? ServerLife.Ready : ServerLife.Idle;
    }
}
