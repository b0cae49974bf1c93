using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Servers.Lease;

// What goes to the owner and comes from it.
public sealed partial class LeaseHolder<TWaiter>
{
    private long _reports;
    private DateTimeOffset? _reportedAt;
    private DateTimeOffset? _unansweredSince;
    private DateTimeOffset? _collectingSince;
    private DateTimeOffset? _lastCall;
    private long _leastAnswer = 1;
    private long _askedBy;
    private int _peak;
    private int _turnedAway;
    private bool _urgent;

    /// <summary>When <see cref="TakeReport"/> is due, if at all: a lease that nobody uses is not renewed.</summary>
    public DateTimeOffset? NextReport
    {
        get
        {
            if (_reportedAt is not { } last)
            {
                return _lastCall;
            }

            if (_urgent)
            {
                return last + _options.Spacing;
            }

            if (_lastCall is null && _goodUntil == default && _bulkhead.InFlight == 0 && _log.IsEmpty)
            {
                return null;
            }

            var next = last + (_turnedAway > 0 || _bulkhead.Queued > 0 ? _options.Batch : _options.Renewal);
            next = _unansweredSince is null ? next : last + _options.Renewal;
            return _collectingSince + _options.Batch is { } batch && batch < next && _unansweredSince is null ? batch : next;
        }
    }

    /// <summary>A report to be sent now.</summary>
    public LeaseReport TakeReport(DateTimeOffset now)
    {
        Expire(now);
        var inUse = _bulkhead.InFlight;
        var unused = _lastCall is not { } used || now - used >= _options.IdleRelease;
        var releases = unused && inUse == 0 && _bulkhead.Queued == 0 && _log.IsEmpty;
        if (releases)
        {
            Release();
        }

        var report = new LeaseReport
        {
            Holder = _self,
            Number = ++_reports,
            SentAt = now,
            Applied = _applied,
            Permits = PermitsAt(now),
            InUse = inUse,
            Wanted = Math.Max(_peak, inUse + _bulkhead.Queued + _turnedAway),
            Inherited = _inherited,
            RetriesLeft = Retries.Available(now),
            AskedBy = _askedBy,
            Releases = releases,
            Batches = _log.Send(),
        };
        _peak = 0;
        _turnedAway = 0;
        _urgent = false;
        _collectingSince = null;
        _reportedAt = now;
        _unansweredSince = releases ? null : _unansweredSince ?? now;
        return report;
    }

    /// <summary>The node leaves, or the server: the lease is given back by the report after the last call. A call that comes all the same asks for a lease again.</summary>
    public void Retire()
    {
        _permits = 0;
        _bulkhead.Resize(0);
        _lastCall = null;
        _urgent = true;
    }

    /// <summary>
    /// A new owner wants to know what this node has: from now on only what answers the next report counts, so that nothing of the owner before it, which
    /// may still be on its way, adds to what that report says.
    /// </summary>
    /// <param name="owner">The new owner's incarnation.</param>
    public void Fence(long owner)
    {
        _askedBy = owner;
        _leastAnswer = Math.Max(_leastAnswer, _reports + 1);
        _urgent = true;
    }

    /// <summary>Takes a message of an owner; false when it is stale, and has changed nothing.</summary>
    public bool Apply(LeaseGrant grant, DateTimeOffset now, List<BulkheadSignal<TWaiter>> signals)
    {
        // After a lease was given back, only what answers a later report brings it again.
        if (grant.Holder != _self || grant.Epoch <= _applied || (_leastAnswer > 1 && grant.Answers < _leastAnswer))
        {
            return false;
        }

        Expire(now);
        TakePermits(grant, now);
        if (grant.Answers > 0)
        {
            var goodUntil = grant.AskedAt + _options.Validity;
            _goodUntil = goodUntil > _goodUntil ? goodUntil : _goodUntil;
            _answeredAt = grant.AskedAt;
            _unansweredSince = null;
            _leastAnswer = 1;
        }

        TakeCircuit(grant, now);
        _facts = grant.Facts;
        Retries.Deposit(grant.Retries, now);
        _bulkhead.Resize(IsLive(now) ? _permits : 0);
        _bulkhead.Tick(now, signals);
        return true;
    }

    // Permits of a former owner may be fewer by now than this one believes, so they are never raised; its own are added.
    private void TakePermits(LeaseGrant grant, DateTimeOffset now)
    {
        if (grant.Epoch.Owner == _applied.Owner)
        {
            _permits = grant.Permits;
        }
        else
        {
            _inherited = PermitsAt(now);
            _permits = Math.Min(_permits, grant.Permits - grant.Fresh) + grant.Fresh;
            _log.Restart(grant.Epoch.Owner);
            _collectingSince = null;
            _urgent = true;
        }

        _applied = grant.Epoch;
    }

    private void TakeCircuit(LeaseGrant grant, DateTimeOffset now)
    {
        _log.Confirm(grant.Confirmed);
        var newPhase = grant.Phase != _phase || grant.Epoch.Owner != _phaseOwner;
        _phase = grant.Phase;
        _phaseOwner = grant.Epoch.Owner;
        _owner = grant.Circuit;
        _circuitRestsUntil = now + grant.CircuitRest;
        if (newPhase || (IsOpenHere && grant.Confirmed >= _resumesAt))
        {
            _circuit.Reset("the owner has judged", now);
            if (grant.Circuit is { Mode: CircuitMode.ForcedClosed })
            {
                _circuit.SetMode(CircuitMode.ForcedClosed, grant.Circuit.Reason, _circuitRestsUntil, now);
            }
        }
    }

    private void Release()
    {
        _permits = 0;
        _bulkhead.Resize(0);
        _goodUntil = default;
        _lastCall = null;
        _leastAnswer = _reports + 2;
    }
}
