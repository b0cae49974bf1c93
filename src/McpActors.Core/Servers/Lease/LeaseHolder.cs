using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Servers.Lease;

/// <summary>
/// A node's side of one server's lease: admits calls by itself within permits and retries, stops by itself when its own outcomes open the circuit,
/// collects outcomes for the owner, and asks for renewal. None → Live → (silent owner) in grace → run out → Live. Owned by one thread at a time;
/// time is an input, and must not jump. Without a message nothing is allocated per call.
/// </summary>
/// <typeparam name="TWaiter">What a waiting call leaves to be found again.</typeparam>
public sealed partial class LeaseHolder<TWaiter>
{
    private static readonly TimeSpan UnreachableRetryAfter = TimeSpan.FromSeconds(1);

    private readonly HolderId _self;
    private readonly LeaseOptions _options;
    private CircuitOptions _circuitOptions;
    private readonly CircuitMachine _circuit;
    private readonly Bulkhead<TWaiter> _bulkhead;
    private readonly OutcomeLog _log = new();

    private LeaseEpoch _applied;
    private LeaseFacts _facts = LeaseFacts.None;
    private int _permits;
    private int _inherited;
    private DateTimeOffset _goodUntil;
    private DateTimeOffset _answeredAt;
    private CircuitState _owner = CircuitState.Initial;
    private long _phase;
    private long _phaseOwner;
    private DateTimeOffset? _circuitRestsUntil;
    private long _resumesAt;

    /// <summary>A holder without a lease.</summary>
    public LeaseHolder(HolderId self, LeaseOptions options, CircuitOptions circuit, BulkheadOptions concurrency)
    {
        LeaseOptions.Rules.ThrowIfBroken(options);
        _self = self;
        _options = options;
        _circuitOptions = circuit;
        _circuit = new CircuitMachine(circuit);
        _bulkhead = new Bulkhead<TWaiter>(concurrency);
        _bulkhead.Resize(0);
    }

    /// <summary>Retries that the lease brought: to be given to the retry policy.</summary>
    public RetryBudget Retries { get; } = new(0, floor: 0);

    /// <summary>How the owner connects.</summary>
    public LeaseFacts Facts => _facts;

    /// <summary>When <see cref="Tick"/> has something to do at the earliest, if at all.</summary>
    public DateTimeOffset? NextTick => _bulkhead.NextTick;

    /// <summary>Calls on their way here.</summary>
    public int InUse => _bulkhead.InFlight;

    /// <summary>The last message taken.</summary>
    public LeaseEpoch Epoch => _applied;

    /// <summary>When the lease runs out unless it is renewed.</summary>
    public DateTimeOffset GoodUntil => _goodUntil;

    /// <summary>Permits that new calls may use.</summary>
    public int PermitsAt(DateTimeOffset now) => IsLive(now) ? _permits : 0;

    /// <summary>What can be shown.</summary>
    public LeaseSnapshot Snapshot(DateTimeOffset now) => new(
        _applied, PermitsAt(now), _bulkhead.InFlight, _bulkhead.Queued, _goodUntil,
        IsLive(now) && now - _answeredAt > _options.Ttl, _owner, IsOpenHere);

    private bool IsOpenHere => _circuit.State is { Mode: CircuitMode.Auto, Phase: not CircuitPhase.Closed };

    /// <summary>New settings; the permits stay as they are leased.</summary>
    public void Reconfigure(CircuitOptions circuit, BulkheadOptions concurrency, DateTimeOffset now)
    {
        _circuitOptions = circuit;
        _circuit.Reconfigure(circuit);
        _bulkhead.Reconfigure(concurrency);
        _bulkhead.Resize(PermitsAt(now));
    }

    /// <summary>A call asks the owner, though the next one like it may go under the lease: that keeps the lease, or brings one.</summary>
    public void Want(DateTimeOffset now) => _lastCall = now;

    /// <summary>Why a further attempt would not be let through now; none when it would.</summary>
    public LeaseReason Blocks(DateTimeOffset now) => Refusal(now)?.Reason ?? LeaseReason.None;

    /// <summary>Asks for a permit and the first attempt of a call. Who was queued and then granted asks for the attempt by <see cref="TryAttempt"/>.</summary>
    public LeaseAdmission TryAdmit(long callId, TWaiter waiter, DateTimeOffset deadline, DateTimeOffset now)
    {
        _lastCall = now;
        if (Refusal(now) is { } refusal)
        {
            return refusal;
        }

        if (_permits == 0)
        {
            _turnedAway++;
            return new LeaseAdmission(LeaseVerdict.AskOwner, LeaseReason.NoPermits);
        }

        var entry = _bulkhead.TryEnter(callId, waiter, deadline, now);
        _peak = Math.Max(_peak, _bulkhead.InFlight + _bulkhead.Queued);
        switch (entry.Verdict)
        {
            case BulkheadVerdict.Granted:
                _log.CountCall();
                return Attempt(now);
            case BulkheadVerdict.Queued:
                return new LeaseAdmission(LeaseVerdict.Queued);
            case BulkheadVerdict.QueueFull:
                return new LeaseAdmission(LeaseVerdict.Refused, LeaseReason.QueueFull, RetryAfter: entry.RetryAfter);
            default:
                return new LeaseAdmission(LeaseVerdict.Refused, LeaseReason.DeadlinePassed);
        }
    }

    /// <summary>
    /// Asks for an attempt of a call that has a permit: after it waited for one (<paramref name="first"/>), or for a retry that the policy allowed.
    /// Unless admitted, the call ends or asks the owner, and gives the permit back.
    /// </summary>
    public LeaseAdmission TryAttempt(bool first, DateTimeOffset now)
    {
        if (Refusal(now) is { } refusal)
        {
            return refusal;
        }

        if (first)
        {
            _log.CountCall();
        }

        return Attempt(now);
    }

    /// <summary>Takes the outcome of an attempt, once.</summary>
    /// <param name="ticket">From its admission.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="now">The time.</param>
    /// <param name="replica">Where it was sent.</param>
    public void Record(in LeaseTicket ticket, in AttemptOutcome outcome, DateTimeOffset now, ReplicaRecord replica = default)
    {
        var sample = replica.Own ? new CircuitSample(ticket.Local, CircuitVerdict.NoVerdict, outcome.Latency) : CircuitSample.Of(ticket.Local, outcome);
        NoteTrip(_circuit.Record(sample, now));
        if (ticket.Owner != _log.Owner || outcome.Verdict == CircuitVerdict.NoVerdict)
        {
            return;
        }

        var slow = _circuitOptions.SlowCall > TimeSpan.Zero && outcome.Latency >= _circuitOptions.SlowCall;
        Add(
            new OutcomeRun(ticket.Phase, outcome.Verdict, slow, outcome.Unreachable, Refused: false, 1)
            {
                Result = outcome.Verdict == CircuitVerdict.Failure ? outcome.Result : null,
                Endpoint = replica.Endpoint,
                Own = replica.Own,
            },
            now);
    }

    /// <summary>A call ended because all endpoints refused the connection; told after its last attempt was recorded.</summary>
    public void EndpointsRefused(in LeaseTicket ticket, DateTimeOffset now)
    {
        NoteTrip(_circuit.EndpointsRefused(ticket.Local, now));
        if (ticket.Owner == _log.Owner)
        {
            Add(new OutcomeRun(ticket.Phase, CircuitVerdict.NoVerdict, Slow: false, Unreachable: true, Refused: true, 1), now);
        }
    }

    /// <summary>A call leaves: its permit goes back, or its place in the queue.</summary>
    public bool Leave(long callId, DateTimeOffset now, List<BulkheadSignal<TWaiter>> signals)
    {
        Expire(now);
        return _bulkhead.Leave(callId, now, signals);
    }

    /// <summary>Does what time alone does.</summary>
    public void Tick(DateTimeOffset now, List<BulkheadSignal<TWaiter>> signals)
    {
        Expire(now);
        NoteTrip(_circuit.Tick(now));
        _bulkhead.Tick(now, signals);
    }

    private bool IsLive(DateTimeOffset now) => now < _goodUntil;

    private LeaseAdmission Attempt(DateTimeOffset now) =>
        new(LeaseVerdict.Admitted, Ticket: new LeaseTicket(_applied.Owner, _phase, _circuit.TryAdmit(now).Ticket));

    // Null when the lease lives and all circuits are closed.
    private LeaseAdmission? Refusal(DateTimeOffset now)
    {
        if (!IsLive(now))
        {
            Expire(now);
            return !_applied.IsNone && _unansweredSince is { } since && now - since >= _options.Validity
                ? new LeaseAdmission(LeaseVerdict.Refused, LeaseReason.OwnerUnreachable, RetryAfter: UnreachableRetryAfter)
                : new LeaseAdmission(LeaseVerdict.AskOwner, LeaseReason.NoLease);
        }

        if (_owner.EffectivePhase != CircuitPhase.Closed)
        {
            var rest = _circuitRestsUntil - now;
            return _owner.EffectivePhase == CircuitPhase.Open && !(rest <= TimeSpan.Zero)
                ? new LeaseAdmission(LeaseVerdict.Refused, LeaseReason.CircuitOpen, RetryAfter: rest)
                : new LeaseAdmission(LeaseVerdict.AskOwner, LeaseReason.Probing);
        }

        return IsOpenHere ? new LeaseAdmission(LeaseVerdict.AskOwner, LeaseReason.OpenedHere) : null;
    }

    private void Expire(DateTimeOffset now)
    {
        if (_permits > 0 && !IsLive(now))
        {
            _permits = 0;
            _bulkhead.Resize(0);
        }
    }

    private void NoteTrip(in CircuitTransitions transitions)
    {
        if (!transitions.IsEmpty && IsOpenHere)
        {
            // What tripped it is in the batch that is open now, or in the one before: the owner has judged it when it confirms this one.
            _resumesAt = _log.OpenNumber;
            _urgent = true;
        }
    }

    private void Add(in OutcomeRun run, DateTimeOffset now)
    {
        _collectingSince ??= now;
        _log.Add(run);
        _urgent |= run.Verdict == CircuitVerdict.Failure || run.Refused;
    }
}

/// <summary>Where an attempt under a lease was sent, and whose affair its outcome is.</summary>
/// <param name="Endpoint">The replica: its place in the configuration.</param>
/// <param name="Own">Whether it says nothing about the server, but only about one of its replicas.</param>
public readonly record struct ReplicaRecord(int Endpoint, bool Own);
