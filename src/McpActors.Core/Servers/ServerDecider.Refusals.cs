using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Circuit;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers;

// Calls that are not let through: from the cache where that may stand in, else with the reason.
public sealed partial class ServerDecider
{
    private Rejected? Refusal(CallId id, CallIntent intent, DateTimeOffset now)
    {
        if (!_settings.Exists)
        {
            return new Rejected(id, RejectReason.Unknown, null, null, $"there is no server '{Server}'");
        }

        if (!_settings.Enabled)
        {
            return new Rejected(id, RejectReason.Disabled, null, null, $"server '{Server}' is disabled");
        }

        if (_draining)
        {
            return new Rejected(id, RejectReason.Draining, null, TimeSpan.FromSeconds(1), $"server '{Server}' is moving to another node");
        }

        if (intent.Deadline <= now)
        {
            return new Rejected(id, RejectReason.DeadlinePassed, null, null, "the deadline had passed on arrival");
        }

        return _calls.Contains(id) ? new Rejected(id, RejectReason.Unknown, null, null, "the call's id is in use") : null;
    }

    private void Refuse(PendingCall call, RejectReason reason, TimeSpan? retryAfter, string text, DateTimeOffset now) =>
        Refuse(call, new Rejected(call.Id, reason, null, retryAfter, text), now);

    private void Refuse(PendingCall call, Rejected refusal, DateTimeOffset now)
    {
        if (!AnswerStale(call, now))
        {
            _rejections += call.WasAdmitted || call.Fetches is not null ? 0 : 1;
            Answer(call, call.WasAdmitted ? Ending(refusal) : refusal, now);
        }

        End(call, now);
    }

    // A call that was admitted before has failed by now; it is not refused, it ends.
    private static GaveUp Ending(Rejected refusal) =>
        new(refusal.Call, GiveUpFor(refusal.Reason), refusal.Since, refusal.RetryAfter, refusal.Text);

    // Why a server that is no longer enabled takes no calls.
    private (RejectReason Reason, string Text) Stopped => _settings.Exists
        ? (RejectReason.Disabled, $"server '{Server}' was disabled")
        : (RejectReason.Unknown, $"server '{Server}' was removed");

    private void RefuseOpen(PendingCall call, TimeSpan? retryAfter, DateTimeOffset now)
    {
        var circuit = _circuit.State;
        var text = circuit.EffectivePhase == CircuitPhase.HalfOpen
            ? $"the circuit of '{Server}' is half-open and its calls are under way"
            : $"the circuit of '{Server}' is open: {circuit.Reason}";
        Refuse(call, new Rejected(call.Id, RejectReason.CircuitOpen, circuit.Since, retryAfter, text), now);
    }

    // Whoever waits for a permit, the upstream or the next attempt would only meet the open circuit later.
    private void RefuseWaiting(DateTimeOffset now)
    {
        foreach (var call in _calls.All.Where(call => call.Phase is CallPhase.Queued or CallPhase.AwaitingSlot or CallPhase.BackingOff).ToArray())
        {
            RefuseOpen(call, _circuit.State.EffectiveUntil - now, now);
        }
    }

    private bool AnswerStale(PendingCall call, DateTimeOffset now)
    {
        if (call.Intent.Key is not { } key || call.Fetches is not null || call.Intent.Refresh)
        {
            return false;
        }

        var found = _cache.Lookup(key, call.Intent.Tag.Kind, now);
        if (found.Freshness == CacheFreshness.Miss)
        {
            return false;
        }

        Answer(call, Hit(call, found, found.Freshness != CacheFreshness.Fresh, revalidate: false), now);
        return true;
    }

    private static GiveUpReason GiveUpFor(RejectReason reason) => reason switch
    {
        RejectReason.CircuitOpen => GiveUpReason.CircuitOpen,
        RejectReason.DeadlinePassed => GiveUpReason.Deadline,
        RejectReason.Disabled or RejectReason.Draining or RejectReason.Unknown => GiveUpReason.Stopped,
        _ => GiveUpReason.Unavailable,
    };
}
