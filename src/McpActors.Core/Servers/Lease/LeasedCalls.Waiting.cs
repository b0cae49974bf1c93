using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers.Lease;

// What time and the owner bring: permits for those that wait, refusals, renewal.
public sealed partial class LeasedCalls
{
    /// <summary>Does what time alone does.</summary>
    public void Tick(DateTimeOffset now)
    {
        _holder.Tick(now, _signals);
        ServeWaiting(now);
    }

    /// <summary>A report to be sent now.</summary>
    public LeaseReport TakeReport(DateTimeOffset now) => _holder.TakeReport(now);

    /// <summary>Whether there is neither a lease, nor a call, nor anything that the owner has not confirmed.</summary>
    public bool IsOver => _calls.Count == 0 && _holder.NextReport is null;

    /// <summary>A new owner asks what this node has: the report after this one counts for it.</summary>
    /// <param name="owner">The new owner's incarnation.</param>
    public void Fence(long owner) => _holder.Fence(owner);

    /// <summary>The node leaves, or the server: the lease is given back with the report after the last call.</summary>
    public void Retire() => _holder.Retire();

    /// <summary>Takes a message of an owner; false when it is stale.</summary>
    public bool Apply(LeaseGrant grant, DateTimeOffset now)
    {
        if (!_holder.Apply(grant, now, _signals))
        {
            return false;
        }

        (_leftOut, _leftOutAt) = (grant.LeftOut, now);
        _links?.Follow(_leftOut, now, now);
        ServeWaiting(now);
        if (_holder.PermitsAt(now) == 0)
        {
            TurnWaiting(now);
        }

        return true;
    }

    // Each may free or use permits of the next; worked off here and nowhere deeper.
    private void ServeWaiting(DateTimeOffset now)
    {
        for (var i = 0; i < _signals.Count; i++)
        {
            var signal = _signals[i];
            if (!_calls.TryGetValue(signal.CallId, out var call))
            {
                continue;
            }

            switch (signal.Kind)
            {
                case BulkheadSignalKind.Granted:
                    call.Waits = false;
                    Grant(call, now);
                    break;
                case BulkheadSignalKind.TimedOut:
                    var text = call.Deadline <= now ? $"the deadline passed in the queue of '{_settings.Server}'" : $"no permit of '{_settings.Server}' came free in time";
                    var reason = call.Deadline <= now ? RejectReason.DeadlinePassed : RejectReason.QueueTimeout;
                    Drop(call, new LeaseStep(LeaseStepKind.Answer, new Rejected(call.Id, reason, null, reason == RejectReason.QueueTimeout ? _settings.Concurrency.QueueTimeout : null, text)), now);
                    break;
                default:
                    // Its carrier is lost; nothing is known of the upstream.
                    EndAttempt(call, new AttemptOutcome(AttemptResult.Cancelled, Sent: true, FirstByte: false, TimeSpan.Zero), now);
                    _calls.Remove(signal.CallId);
                    break;
            }
        }

        _signals.Clear();
    }

    private void Grant(LeasedCall call, DateTimeOffset now)
    {
        var admission = _links is null ? new LeaseAdmission(LeaseVerdict.AskOwner, LeaseReason.NotKnownHere) : _holder.TryAttempt(first: true, now);
        if (admission.IsAdmitted)
        {
            Admitted++;
            Late.Add(new LateStep(call.Id, Attempt(call, admission.Ticket, now)));
        }
        else
        {
            Drop(call, Turned(call.Id, admission, now), now);
        }
    }

    // Without permits nobody is served from the queue: each is told at once what the owner's state means for it.
    private void TurnWaiting(DateTimeOffset now)
    {
        if (_calls.Count == 0)
        {
            return;
        }

        var reason = _holder.Blocks(now);
        foreach (var call in _calls.Values.Where(call => call.Waits).ToArray())
        {
            var admission = reason == LeaseReason.CircuitOpen
                ? _holder.TryAttempt(first: false, now)
                : new LeaseAdmission(LeaseVerdict.AskOwner, reason == LeaseReason.None ? LeaseReason.NoPermits : reason);
            Drop(call, Turned(call.Id, admission, now), now);
        }

        ServeWaiting(now);
    }

    // Signals that this causes are worked off by whoever called.
    private void Drop(LeasedCall call, in LeaseStep step, DateTimeOffset now)
    {
        Late.Add(new LateStep(call.Id, step));
        _calls.Remove(call.Id.Value);
        _holder.Leave(call.Id.Value, now, _signals);
    }

    private LeaseStep Turned(CallId id, in LeaseAdmission admission, DateTimeOffset now)
    {
        if (admission.Verdict == LeaseVerdict.AskOwner)
        {
            return new LeaseStep(LeaseStepKind.AskOwner, Reason: admission.Reason);
        }

        var server = _settings.Server;
        var refusal = admission.Reason switch
        {
            LeaseReason.CircuitOpen => new Rejected(id, RejectReason.CircuitOpen, Circuit(now).Since, admission.RetryAfter, $"the circuit of '{server}' is open: {Circuit(now).Reason}"),
            LeaseReason.QueueFull => new Rejected(id, RejectReason.QueueFull, null, admission.RetryAfter, $"all permits of '{server}' that this node has are taken and its queue is full"),
            LeaseReason.DeadlinePassed => new Rejected(id, RejectReason.DeadlinePassed, null, null, "the deadline passed"),
            _ => new Rejected(id, RejectReason.Unavailable, _holder.GoodUntil, admission.RetryAfter, Unreachable),
        };
        return new LeaseStep(LeaseStepKind.Answer, refusal, admission.Reason);
    }

    private GaveUp Stopped(LeasedCall call, LeaseReason reason, DateTimeOffset now) => reason switch
    {
        LeaseReason.CircuitOpen or LeaseReason.OpenedHere or LeaseReason.Probing => new GaveUp(
            call.Id, GiveUpReason.CircuitOpen, Circuit(now).Since, Circuit(now).EffectiveUntil - now, $"the circuit of '{_settings.Server}' opened"),
        LeaseReason.OwnerUnreachable => new GaveUp(call.Id, GiveUpReason.Unavailable, null, null, Unreachable),
        // Of which nothing was executed begins again, at the owner.
        _ => new GaveUp(call.Id, GiveUpReason.UnknownCall, null, null, $"this node's lease of '{_settings.Server}' ended"),
    };

    private string Unreachable => $"no owner of '{_settings.Server}' has answered for longer than this node may go on without one";

    private CircuitState Circuit(DateTimeOffset now) => _holder.Snapshot(now).Circuit;
}
