using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Retry;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers;

// What becomes of an attempt: the next one, a stale answer, or the end of the call.
public sealed partial class ServerDecider
{
    private readonly FailureRing _failures = new();
    private long _retries;

    /// <summary>Handles a failed attempt. Null: the answer comes later, as an effect.</summary>
    public IServerReply? AttemptFailed(AttemptFailed command, double random, DateTimeOffset now)
    {
        if (_calls.Find(command.Call) is not { Phase: CallPhase.Running } call)
        {
            return new GaveUp(command.Call, GiveUpReason.UnknownCall, null, null, $"'{Server}' does not know the call: its actor moved or was restarted");
        }

        _current = call;
        AfterFailure(call, command.Outcome, random, now);
        return TakeAnswer(now);
    }

    /// <summary>Handles the end of a call.</summary>
    public void Complete(Complete command, double random, DateTimeOffset now)
    {
        if (_calls.Find(command.Call) is not { Phase: CallPhase.Running } call)
        {
            return;
        }

        if (!command.Outcome.IsAnswered && command.Outcome.Result != AttemptResult.Cancelled)
        {
            Note(call, command.Outcome, now);
        }

        EndAttempt(call, command.Outcome, random, now);
        if (command.Fill is { } fill && call.Intent.Key is { } key)
        {
            Share(call, key, fill, now);
        }

        End(call, now);
        Settle(now);
    }

    private void Share(PendingCall call, CacheKey key, CacheFill fill, DateTimeOffset now)
    {
        _revalidating?.Remove(key);
        var entry = new CacheEntry
        {
            Key = key,
            Tag = call.Intent.Tag,
            Payload = fill.Result,
            FetchedAt = now,
            Ttl = fill.Ttl,
            // A result that its server calls stale at once is not served as if it were not; it may only stand in for an error.
            StaleWhileRevalidate = fill.Ttl > TimeSpan.Zero ? _settings.Cache.StaleWhileRevalidate : TimeSpan.Zero,
            StaleIfError = _settings.Cache.StaleIfError,
            Scope = fill.Scope,
            Revision = fill.Revision,
        };
        _cache.Put(entry, call.CacheGeneration);
        if (!call.Leads)
        {
            return;
        }

        foreach (var follower in _coalescing.Complete(call.Id.Value))
        {
            Answer(follower.Waiter, new CacheHit(follower.Waiter.Id, fill.Result, fill.Ttl, fill.Scope, Stale: false, Revalidate: false, fill.Revision), now);
            End(follower.Waiter, now);
        }
    }

    private void AfterFailure(PendingCall call, AttemptOutcome outcome, double random, DateTimeOffset now)
    {
        var ticket = call.Ticket;
        Note(call, outcome, now);
        EndAttempt(call, outcome, random, now);
        var context = new RetryContext(call.Class, outcome, call.Attempts, call.Deadline - now, call.Healed, call.BackoffState, FailsOver(call, outcome, now));
        var decision = _retry.Decide(context, random, _budget, now);
        call.BackoffState = decision.BackoffState;
        if (!decision.SendAgain)
        {
            if (outcome.Unreachable && AllUnreachable && ticket is { } held)
            {
                Follow(_circuit.EndpointsRefused(held, now), now);
            }

            GiveUp(call, outcome, decision.Verdict, now);
            return;
        }

        if (_circuit.State.EffectivePhase == CircuitPhase.Open && !(_circuit.State.EffectiveUntil <= now + decision.Delay))
        {
            RefuseOpen(call, _circuit.State.EffectiveUntil - now, now);
            return;
        }

        if (decision.Verdict == RetryVerdict.Heal)
        {
            call.Healed = call.HealsNow = true;
        }
        else
        {
            _retries++;
        }

        if (decision.Delay > TimeSpan.Zero)
        {
            call.Phase = CallPhase.BackingOff;
            _waits.Add(call, now + decision.Delay);
        }
        else
        {
            Enter(call, now);
        }
    }

    // One sample for the circuit, the loss of the connection if that is what happened, and the connection given back.
    private void EndAttempt(PendingCall call, in AttemptOutcome outcome, double random, DateTimeOffset now)
    {
        call.Phase = CallPhase.Deciding;
        call.LastOutcome = outcome;
        var link = _slots.Find(call.Connection);
        var verdict = JudgeReplica(call, outcome, now);
        if (link is not null && IsLoss(outcome))
        {
            // One lost process is one failure, however many calls it took along.
            verdict = link.LossCounted ? CircuitVerdict.NoVerdict : verdict;
            link.LossCounted = true;
        }

        if (call.Ticket is { } ticket)
        {
            call.Ticket = null;
            var sample = new CircuitSample(ticket, verdict, outcome.Latency, outcome.Unreachable);
            Follow(_circuit.Record(sample, now), now);
        }

        if (link is null)
        {
            return;
        }

        if (outcome.Result == AttemptResult.SessionLost)
        {
            _slots.Lost(link.Id, HealedWhat.Session, new UpstreamFault("the upstream forgot the session"), random, now);
        }
        else if (outcome.Result == AttemptResult.ProcessLost)
        {
            ConnectionLost(link.Id, new UpstreamFault("the process ended"), random, now);
        }

        else
        {
            LeaveUnreachable(link, call, outcome, random, now);
        }

        _slots.Release(link, now);
        WatchIdle(now);
    }

    private bool IsLoss(in AttemptOutcome outcome) =>
        outcome.Result == AttemptResult.ProcessLost || (_settings.IsProcess && outcome.Result == AttemptResult.Reset);

    private void GiveUp(PendingCall call, in AttemptOutcome outcome, RetryVerdict verdict, DateTimeOffset now)
    {
        var mayBeStale = verdict is not (RetryVerdict.Answered or RetryVerdict.Cancelled);
        if (!mayBeStale || !AnswerStale(call, now))
        {
            Answer(call, new GaveUp(call.Id, RetryRefusals.Reason(verdict), null, outcome.RetryAfter, RetryRefusals.Text(verdict, _settings.Retry)), now);
        }

        End(call, now);
    }

    private void TickWaits(DateTimeOffset now)
    {
        foreach (var call in _waits.TakeDue(now))
        {
            // One that came before may have opened the circuit, which ended those that wait.
            if (!ReferenceEquals(_calls.Find(call.Id), call))
            {
                continue;
            }

            StopWaiting(call);
            if (call.Deadline <= now)
            {
                Refuse(call, RejectReason.DeadlinePassed, null, Waited(call), now);
            }
            else
            {
                call.Phase = CallPhase.Deciding;
                Enter(call, now);
            }
        }
    }

    private string Waited(PendingCall call) => call.Phase == CallPhase.BackingOff
        ? "the deadline passed before the next attempt"
        : $"the deadline passed before '{Server}' was started";

    private void Note(PendingCall call, in AttemptOutcome outcome, DateTimeOffset now) =>
        _failures.Add(new FailureNote(now, call.Fetches?.Method() ?? call.Intent.Target ?? call.Intent.Method.ToString(), outcome.Result,
            outcome.StatusCode is { } status ? $"HTTP {status}" : outcome.ErrorCode is { } code ? $"JSON-RPC error {code}" : null));

    private ToolFacts? FactsOf(CallIntent intent) =>
        intent.Method == McpMethod.ToolsCall && intent.Target is not null && _book.Current is { } catalogue
        && catalogue.ToolIndex.TryGetValue(intent.Target, out var facts)
            ? facts
            : null;
}
