using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Servers.Lease;

/// <summary>What became of a report.</summary>
public enum LeaseReceiptKind
{
    /// <summary>It was taken, and is answered.</summary>
    Taken,

    /// <summary>It is late or repeated, and changed nothing.</summary>
    Stale,

    /// <summary>A newer owner gives leases: this one must stop at once.</summary>
    Outranked,
}

/// <summary>What became of a report.</summary>
/// <param name="Kind">What.</param>
/// <param name="Transitions">What its outcomes did to the circuit.</param>
public readonly record struct LeaseReceipt(LeaseReceiptKind Kind, CircuitTransitions Transitions = default);

/// <summary>
/// The owner's side of a server's leases: counts what holders report into the one circuit and budget, divides permits and retries, and
/// tells all holders of a transition at once. Messages to send are in <see cref="Outbox"/>. Owned by one actor; time is an input.
/// </summary>
public sealed class LeaseGrantor
{
    private readonly CircuitMachine _circuit;
    private RetryBudget _budget;
    private CircuitOptions _circuitOptions;
    private bool _leasable = true;
    private readonly LeaseBook _book;
    private readonly List<LeaseShare> _shares = [];
    private LeaseFacts _facts;
    private LeaseEpoch _epoch;
    private long _toldPhase;
    private IReadOnlyList<ReplicaEjection> _leftOut = [];
    private bool _leftOutIsNew;

    /// <summary>An owner that begins now.</summary>
    /// <param name="setup">Names and settings.</param>
    /// <param name="circuit">The one circuit; shared with the owner's own calls.</param>
    /// <param name="budget">The one budget.</param>
    /// <param name="now">The time.</param>
    public LeaseGrantor(LeaseOwnerSetup setup, CircuitMachine circuit, RetryBudget budget, DateTimeOffset now)
    {
        _circuit = circuit;
        _budget = budget;
        _circuitOptions = setup.Circuit;
        _facts = setup.Facts;
        _book = new LeaseBook(setup.Lease, setup.Permits, now);
        _epoch = new LeaseEpoch(setup.Started.UtcTicks, setup.Owner, 0);
        _toldPhase = circuit.Epoch;
    }

    /// <summary>Messages to be sent, in order. The owner of this object sends and clears them after each call.</summary>
    public List<LeaseGrant> Outbox { get; } = [];

    /// <summary>Failures that were counted, to be shown. The owner of this object takes and clears them after each call.</summary>
    public List<(HolderId Holder, AttemptResult Result, int Count)> Failures { get; } = [];

    /// <summary>Outcomes by replica that were counted. The owner of this object takes and clears them after each call.</summary>
    public List<ReplicaOutcome> Outcomes { get; } = [];

    /// <summary>The last epoch used.</summary>
    public LeaseEpoch Epoch => _epoch;

    /// <summary>Permits that the owner may use for calls that it admits itself.</summary>
    public int OwnLimit => _book.OwnLimit;

    /// <summary>Holders with a lease.</summary>
    public int Holders => _book.Live.Count;

    /// <summary>Permits that holders may use.</summary>
    public int Leased => _book.Exposure;

    /// <summary>Permits of a former owner that may still be out.</summary>
    public int Legacy => _book.Legacy;

    /// <summary>Calls on their way under leases, as the holders said last.</summary>
    public int InUse
    {
        get
        {
            var sum = 0;
            foreach (var holder in _book.Live)
            {
                sum += holder.InUse;
            }

            return sum;
        }
    }

    /// <summary>Calls that were begun under leases, as far as they were counted.</summary>
    public long Calls { get; private set; }

    /// <summary>When <see cref="Tick"/> has something to do at the earliest, if at all.</summary>
    public DateTimeOffset? NextTick => _book.NextTick;

    private bool IsClosed => _leasable && _circuit.State.EffectivePhase == CircuitPhase.Closed;

    /// <summary>What the owner itself uses; to be told before <see cref="Receive"/> and <see cref="Tick"/> so that permits move to where calls are.</summary>
    public void SetOwnUse(int inFlight, int waiting) => _book.SetOwn(inFlight, waiting);

    /// <summary>Takes a report, counts its outcomes and answers it.</summary>
    public LeaseReceipt Receive(LeaseReport report, DateTimeOffset now)
    {
        _book.Tick(now);
        if (!StaysAbove(report))
        {
            return new LeaseReceipt(LeaseReceiptKind.Outranked);
        }

        if (_book.Receive(report, _epoch.Owner, now) is not { } holder)
        {
            return new LeaseReceipt(LeaseReceiptKind.Stale);
        }

        var transitions = Count(holder, report.Batches, now);
        Tell(holder.IsLive ? holder : null, report, now);
        return new LeaseReceipt(LeaseReceiptKind.Taken, transitions);
    }

    /// <summary>Other replicas are left out. All holders hear of it with the next <see cref="Sync"/>, or before.</summary>
    public void LeaveOut(IReadOnlyList<ReplicaEjection> replicas)
    {
        _leftOutIsNew |= replicas.Count > 0 || _leftOut.Count > 0;
        _leftOut = replicas;
    }

    /// <summary>
    /// Tells all holders when the circuit changed other than by a report, by the owner's own calls, time or an operator; and when other replicas are left out.
    /// </summary>
    public void Sync(DateTimeOffset now)
    {
        if (_leftOutIsNew || _toldPhase != _circuit.Epoch)
        {
            Tell(null, null, now);
        }
    }

    /// <summary>Does what time alone does: takes back what has run out, and gives it to who is short.</summary>
    public void Tick(DateTimeOffset now)
    {
        _book.Tick(now);
        Tell(null, null, now);
    }

    /// <summary>No lease of a former owner can be out.</summary>
    public void ConcludeTakeover(DateTimeOffset now)
    {
        _book.ConcludeTakeover();
        Tick(now);
    }

    /// <summary>New settings. Leases that are out shrink to them; how to connect is told with the next message.</summary>
    /// <param name="terms">The settings.</param>
    /// <param name="budget">The one budget, which may be another one.</param>
    /// <param name="now">The time.</param>
    public void Reconfigure(LeaseTerms terms, RetryBudget budget, DateTimeOffset now)
    {
        _book.Permits = terms.Permits;
        _leasable = terms.Leasable;
        _circuitOptions = terms.Circuit;
        _facts = terms.Facts;
        _budget = budget;
        Tell(null, null, now);
    }

    /// <summary>The leases that live, for people.</summary>
    public IReadOnlyList<LeaseStatus> Show() =>
        [.. _book.Live.Select(holder => new LeaseStatus(holder.Holder.Node, holder.Granted, holder.InUse, holder.Wanted, holder.ExpiresAt))];

    // An owner that is younger than the leases before it must be above them, though its clock may be behind. One that meets a live lease of another
    // when all that came before it have run out was itself replaced.
    private bool StaysAbove(LeaseReport report)
    {
        var known = report.Applied;
        if (known.Owner == _epoch.Owner || known < _epoch)
        {
            return true;
        }

        if (report.Permits > 0 && !_book.TakesOver)
        {
            return false;
        }

        _epoch = _epoch with { Started = known.Started + 1 };
        return true;
    }

    private CircuitTransitions Count(HolderLease holder, IReadOnlyList<OutcomeBatch> batches, DateTimeOffset now)
    {
        CircuitTransitions transitions = default;
        foreach (var batch in batches)
        {
            if (batch.Owner != _epoch.Owner || batch.Number <= holder.Counted)
            {
                continue;
            }

            // No gap can be: a report has all that is not confirmed, and an older report than the last is not taken.
            holder.Counted = batch.Number;
            if (batch.Calls > 0)
            {
                _budget.RecordCalls(batch.Calls, now);
                Calls += batch.Calls;
            }

            foreach (var run in batch.Runs)
            {
                if (run.Result is { } result)
                {
                    Failures.Add((holder.Holder, result, run.Count));
                }

                if (run.Verdict != CircuitVerdict.NoVerdict)
                {
                    Outcomes.Add(new ReplicaOutcome(run.Endpoint, run.Verdict, run.Count, run.Result));
                }

                var changes = run.Own ? default : Count(run, now);
                transitions = changes.IsEmpty ? transitions : changes;
            }
        }

        return transitions;
    }

    // Only a closed circuit counts leased calls, so that there can be one transition at most: the one that opens it.
    private CircuitTransitions Count(in OutcomeRun run, DateTimeOffset now)
    {
        CircuitTransitions transitions = default;
        var ticket = new CircuitTicket(run.Phase);
        var latency = run.Slow ? _circuitOptions.SlowCall : TimeSpan.Zero;
        for (var i = 0; i < run.Count && _circuit.Epoch == run.Phase; i++)
        {
            var changes = run.Refused
                ? _circuit.EndpointsRefused(ticket, now)
                : _circuit.Record(new CircuitSample(ticket, run.Verdict, latency, run.Unreachable), now);
            transitions = changes.IsEmpty ? transitions : changes;
        }

        return transitions;
    }

    private void Tell(HolderLease? asker, LeaseReport? report, DateTimeOffset now)
    {
        var changed = _leftOutIsNew || _toldPhase != _circuit.Epoch;
        _leftOutIsNew = false;
        _toldPhase = _circuit.Epoch;
        _shares.Clear();
        _book.Divide(asker, IsClosed, _shares);
        foreach (var share in _shares)
        {
            Send(share, share.Holder == asker ? report : null, now);
        }

        if (!changed)
        {
            return;
        }

        foreach (var holder in _book.Live)
        {
            if (!_shares.Exists(share => share.Holder == holder))
            {
                Send(LeaseShare.Of(holder, holder.Granted), null, now);
            }
        }
    }

    private void Send(in LeaseShare share, LeaseReport? answered, DateTimeOffset now)
    {
        var holder = share.Holder;
        _epoch = _epoch with { Counter = _epoch.Counter + 1 };
        holder.Grant(_epoch.Counter, share.Permits);
        Outbox.Add(new LeaseGrant
        {
            Holder = holder.Holder,
            Epoch = _epoch,
            Permits = share.Permits,
            Fresh = share.Fresh,
            Retries = answered is null || !IsClosed ? 0 : RetriesFor(holder, now),
            Circuit = _circuit.State,
            Phase = _circuit.Epoch,
            CircuitRest = _circuit.State.EffectiveUntil - now,
            Answers = answered?.Number ?? 0,
            AskedAt = answered?.SentAt ?? default,
            Confirmed = holder.Counted,
            Facts = _facts,
            LeftOut = _leftOut.Count == 0 ? [] : [.. _leftOut.Select(replica => Rest(replica, now))],
        });
    }

    private static LeftOutReplica Rest(in ReplicaEjection replica, DateTimeOffset now) =>
        new(replica.Endpoint, replica.Until.UtcTicks, replica.Until > now ? replica.Until - now : TimeSpan.Zero);

    // An even part of what there is, so that the first to ask does not get all.
    private int RetriesFor(HolderLease holder, DateTimeOffset now)
    {
        var available = _budget.Available(now);
        var part = (available + _book.Live.Count - 1) / _book.Live.Count;
        return _budget.Take(part - holder.RetriesLeft, now);
    }
}

/// <summary>Names and settings of an owner.</summary>
/// <param name="Started">When its incarnation began, by the clock on the wall.</param>
/// <param name="Owner">Names its incarnation; never used again.</param>
/// <param name="Permits">The server's permits.</param>
/// <param name="Lease">Times.</param>
/// <param name="Circuit">Settings of the circuit.</param>
/// <param name="Facts">How to connect.</param>
public sealed record LeaseOwnerSetup(DateTimeOffset Started, long Owner, int Permits, LeaseOptions Lease, CircuitOptions Circuit, LeaseFacts Facts);
