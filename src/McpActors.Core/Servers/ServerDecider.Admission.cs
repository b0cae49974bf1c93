using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Deadlines;
using McpActors.Core.Servers.Slots;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers;

// A call on its way in: cache → coalesce → circuit → bulkhead → slot → admitted.
public sealed partial class ServerDecider
{
    /// <summary>A wait for the upstream that is longer than this is not begun.</summary>
    private static readonly TimeSpan LongestSlotWait = TimeSpan.FromSeconds(2);

    /// <summary>After this time another caller is asked to renew a result, because the one before may be gone.</summary>
    private static readonly TimeSpan RevalidationTime = TimeSpan.FromSeconds(30);

    private Dictionary<CacheKey, DateTimeOffset>? _revalidating;
    private long _admitted;
    private long _rejections;
    private long _coalesced;

    /// <summary>Handles a new call. Null: the answer comes later, as an effect.</summary>
    public IServerReply? Admit(Admit command, DateTimeOffset now)
    {
        var intent = command.Intent.Arrived(now);
        if (Refusal(command.Call, intent, now) is { } refusal)
        {
            _rejections++;
            return refusal;
        }

        var callClass = CallClassifier.Classify(intent, _settings, _book, _state);
        var call = _current = _calls.Add(command.Call, intent, command.Profile, callClass);
        if (intent.Key is not { } key || !AnswerFromCache(call, key, now) && !Follows(call, key))
        {
            Enter(call, now);
        }

        return TakeAnswer(now);
    }

    /// <summary>The caller left.</summary>
    public void Abandon(CallId id, DateTimeOffset now)
    {
        if (_calls.Find(id) is not { } call)
        {
            return;
        }

        if (call.Phase == CallPhase.Running)
        {
            EndAttempt(call, new AttemptOutcome(AttemptResult.Cancelled, Sent: true, FirstByte: false, TimeSpan.Zero), 0, now);
        }

        End(call, now);
        Settle(now);
    }

    /// <summary>Whether the call is on its way here.</summary>
    public bool Knows(CallId id) => _calls.Contains(id);

    /// <summary>
    /// The same answer once more, for a caller that asks again because it heard none. Null: it waits, or has had the answer, because it failed with it since.
    /// </summary>
    public Admitted? AnswerAgain(CallId id, DateTimeOffset now) =>
        _calls.Find(id) is { Phase: CallPhase.Running, Sends: 1 } call ? AdmittedNow(call, now) : null;

    /// <summary>A node is gone, and the callers on it with it: their permits come back.</summary>
    public void AbandonOf(int node, DateTimeOffset now)
    {
        foreach (var id in _calls.All.Where(call => call.Fetches is null && call.Id.Node == node).Select(call => call.Id).ToArray())
        {
            Abandon(id, now);
        }
    }

    private bool AnswerFromCache(PendingCall call, CacheKey key, DateTimeOffset now)
    {
        var found = _cache.Lookup(key, call.Intent.Tag.Kind, now);
        call.CacheGeneration = found.Generation;
        if (call.Intent.Refresh || found.Freshness is CacheFreshness.Miss or CacheFreshness.StaleIfError)
        {
            return false;
        }

        var stale = found.Freshness == CacheFreshness.StaleWhileRevalidate;
        Answer(call, Hit(call, found, stale, revalidate: stale && TakesRevalidation(key, now)), now);
        End(call, now);
        return true;
    }

    private bool TakesRevalidation(CacheKey key, DateTimeOffset now)
    {
        if (_coalescing.IsFetching(key) || (_revalidating is { } revalidating && revalidating.TryGetValue(key, out var since) && now - since < RevalidationTime))
        {
            return false;
        }

        (_revalidating ??= [])[key] = now;
        return true;
    }

    private static CacheHit Hit(PendingCall call, in CacheLookup found, bool stale, bool revalidate) =>
        new(call.Id, found.Entry!.Payload, found.Remaining, found.Entry.Scope, stale, revalidate, found.Entry.Revision);

    private bool Follows(PendingCall call, CacheKey key)
    {
        var role = _coalescing.Join(key, call.CacheGeneration, new CoalescedCall<PendingCall>(call.Id.Value, call, call.Deadline));
        call.Leads = role == CoalescingRole.Leader;
        if (role != CoalescingRole.Waiter)
        {
            return false;
        }

        _coalesced++;
        call.Phase = CallPhase.Following;
        return true;
    }

    private void OnPromotion(in CoalescingSignal<PendingCall> signal, DateTimeOffset now)
    {
        var call = signal.Call.Waiter;
        if (!ReferenceEquals(_calls.Find(new CallId(signal.Call.CallId)), call))
        {
            // It was refused together with the one that it waited for.
            return;
        }

        if (!signal.Promoted)
        {
            Refuse(call, RejectReason.DeadlinePassed, null, "the deadline passed while an identical call was running", now);
            return;
        }

        call.Leads = true;
        call.Phase = CallPhase.Deciding;
        Enter(call, now);
    }

    // Circuit, then permit, then slot. A further attempt has its permit already.
    private void Enter(PendingCall call, DateTimeOffset now)
    {
        if (!TakeTicket(call, now))
        {
            return;
        }

        if (call.HasPermit || call.Fetches is not null)
        {
            AwaitSlot(call, now);
            return;
        }

        var admission = _bulkhead.TryEnter(call.Id.Value, call, call.Deadline, now);
        switch (admission.Verdict)
        {
            case BulkheadVerdict.Granted:
                call.HasPermit = true;
                AwaitSlot(call, now);
                break;
            case BulkheadVerdict.Queued:
                // A half-open permit must not wait in a queue.
                ReturnTicket(call, now);
                call.Phase = CallPhase.Queued;
                break;
            case BulkheadVerdict.QueueFull:
                Refuse(call, RejectReason.QueueFull, admission.RetryAfter, $"all {_settings.Concurrency.Max} permits of '{Server}' are taken and its queue is full", now);
                break;
            default:
                Refuse(call, RejectReason.DeadlinePassed, null, "the deadline passed", now);
                break;
        }
    }

    private void OnPermit(in BulkheadSignal<PendingCall> signal, DateTimeOffset now)
    {
        if (_calls.Find(new CallId(signal.CallId)) is not { } call)
        {
            return;
        }

        switch (signal.Kind)
        {
            case BulkheadSignalKind.Granted:
                call.HasPermit = true;
                call.Phase = CallPhase.Deciding;
                if (TakeTicket(call, now))
                {
                    AwaitSlot(call, now);
                }

                break;
            case BulkheadSignalKind.TimedOut when call.Deadline <= now:
                Refuse(call, RejectReason.DeadlinePassed, null, $"the deadline passed in the queue of '{Server}'", now);
                break;
            case BulkheadSignalKind.TimedOut:
                Refuse(call, RejectReason.QueueTimeout, _settings.Concurrency.QueueTimeout, $"no permit of '{Server}' came free in time", now);
                break;
            default:
                // Its carrier is lost; nothing is known of the upstream.
                Abandon(call.Id, now);
                break;
        }
    }

    // Takes a ticket of the circuit, or answers the call.
    private bool TakeTicket(PendingCall call, DateTimeOffset now)
    {
        ReturnTicket(call, now);
        var admission = _circuit.TryAdmit(now);
        if (!admission.Transitions.IsEmpty)
        {
            Follow(admission.Transitions, now);
        }

        if (admission.Allowed)
        {
            call.Ticket = admission.Ticket;
            return true;
        }

        RefuseOpen(call, admission.RetryAfter, now);
        return false;
    }

    private void ReturnTicket(PendingCall call, DateTimeOffset now)
    {
        if (call.Ticket is { } ticket)
        {
            call.Ticket = null;
            Follow(_circuit.Record(new CircuitSample(ticket, CircuitVerdict.NoVerdict, TimeSpan.Zero), now), now);
        }
    }

    private void AwaitSlot(PendingCall call, DateTimeOffset now)
    {
        if (!_settings.Enabled)
        {
            // It was on its way when that changed, and its attempt failed since: there is nothing any more to open a connection by.
            var (reason, text) = Stopped;
            Refuse(call, reason, null, text, now);
            return;
        }

        var slot = SlotOf(call, now);
        if (slot.Phase == SlotPhase.Ready)
        {
            if (HoldsForFacts(call))
            {
                call.WasHeld = true;
                Wait(call, slot, now + LongestSlotWait < call.Deadline ? now + LongestSlotWait : call.Deadline);
                return;
            }

            StartAttempt(call, slot, now);
            return;
        }

        slot.Profile ??= call.Profile;
        if (slot.Profile is null && slot.Key.IsSession)
        {
            // The call counts as not made: it comes again with all that is needed.
            Answer(call, new ProfileRequired(call.Id), now);
            End(call, now);
            _slots.Drop(slot);
            return;
        }

        if (slot.Phase == SlotPhase.BackingOff && slot.RetryAt > now
            && (slot.RetryAt - now > LongestSlotWait || slot.RetryAt >= call.Deadline))
        {
            Refuse(call, RejectReason.Unavailable, slot.RetryAt - now, slot.LastError?.Text ?? "the last attempt failed", now);
            return;
        }

        Wait(call, slot, call.Deadline);
        _slots.EnsureConnecting(slot, now);
    }

    private void Wait(PendingCall call, Slot slot, DateTimeOffset until)
    {
        call.Phase = CallPhase.AwaitingSlot;
        call.WaitsAt = slot;
        slot.Waiters.Add(call);
        _waits.Add(call, until);
    }

    private void StartAttempt(PendingCall call, Slot slot, DateTimeOffset now)
    {
        var link = UpstreamSlots.Use(slot, now);
        call.Phase = CallPhase.Running;
        call.Connection = link.Id;
        call.Sends++;
        call.Attempts = call.HealsNow ? call.Attempts : call.Attempts + 1;
        call.HealsNow = false;
        if (!call.WasAdmitted)
        {
            call.WasAdmitted = true;
            _admitted++;
            _budget.RecordCall(now);
        }

        Answer(call, AdmittedNow(call, now), now);
    }

    private Admitted AdmittedNow(PendingCall call, DateTimeOffset now)
    {
        var timeout = new CallDeadline(now, call.Deadline)
            .AttemptTimeout(now, _settings.Timeout.Attempt, _retry.AllowsAnother(call.Class, call.Attempts));
        return new Admitted(call.Id, call.Connection, call.Sends, timeout, FactsOf(call.Intent));
    }

    private static void StopWaiting(PendingCall call)
    {
        call.WaitsAt?.Waiters.Remove(call);
        call.WaitsAt = null;
        LeaveReplica(call);
    }

    // A call leaves: whatever it held goes back.
    private void End(PendingCall call, DateTimeOffset now)
    {
        ReturnTicket(call, now);
        _waits.Remove(call);
        StopWaiting(call);
        _bulkhead.Leave(call.Id.Value, now, _permits);
        if (call.Intent.Key is not null)
        {
            _coalescing.Leave(call.Id.Value, now, _promotions);
        }

        _calls.Remove(call);
    }
}
