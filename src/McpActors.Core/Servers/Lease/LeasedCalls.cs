using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Deadlines;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Retry;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Servers.Lease;

/// <summary>
/// The calls of one node to one server that another node owns, as far as they go under a lease: admission and retries by the same policies as at the owner,
/// with the lease's permits and retries. A call goes under the lease when this node knows how to connect and what steers the call; whatever
/// is not clear here, the owner is asked. Owned by one thread at a time; time and randomness are inputs.
/// </summary>
public sealed partial class LeasedCalls
{
    private const int MostPooled = 256;

    /// <summary>Tools of which something is remembered.</summary>
    private const int MostTools = 4096;

    private readonly LeaseHolder<LeasedCall> _holder;
    private readonly Dictionary<long, LeasedCall> _calls = [];
    private readonly Stack<LeasedCall> _pool = new();
    private readonly List<BulkheadSignal<LeasedCall>> _signals = [];
    private readonly Dictionary<string, CallKnowledge> _tools = new(StringComparer.Ordinal);
    private ServerSettings _settings;
    private RetryPolicy _retry;
    private LeasedReplicas? _links;
    private IReadOnlyList<LeftOutReplica> _leftOut = [];
    private DateTimeOffset _leftOutAt;

    /// <summary>No lease yet.</summary>
    /// <param name="self">This holder; used for no other.</param>
    /// <param name="options">Times.</param>
    /// <param name="settings">The server as this node knows it.</param>
    public LeasedCalls(HolderId self, LeaseOptions options, ServerSettings settings)
    {
        _settings = settings;
        _retry = new RetryPolicy(settings.Retry);
        _holder = new LeaseHolder<LeasedCall>(self, options, settings.Circuit, settings.Concurrency);
    }

    /// <summary>What became of calls that had waited. The owner of this object clears it.</summary>
    public List<LateStep> Late { get; } = [];

    /// <summary>Connections without a call that are not to be used any more. The owner of this object closes and clears them.</summary>
    public List<ConnectionId> Unused { get; } = [];

    /// <summary>Replicas that this node leaves out or takes back. The owner of this object tells and clears them.</summary>
    public List<ReplicaChange> ReplicaChanges { get; } = [];

    /// <summary>Calls admitted so far.</summary>
    public long Admitted { get; private set; }

    /// <summary>Calls in hand, those that wait included.</summary>
    public int Count => _calls.Count;

    /// <summary>What is known of how to connect, when this node may; null: then every call asks the owner.</summary>
    public LeaseFacts? Connectable =>
        _holder.Facts is { ServerInfo: not null, Revision: { } text } facts && facts.Fingerprint == _settings.ConnectionFingerprint
        && _settings is { Exists: true, Enabled: true } && ProtocolRevision.TryParse(text, out var revision) && revision.IsModern
            ? facts
            : null;

    /// <summary>Whether the owner has said that the server keeps state per caller: there will be no lease.</summary>
    public bool IsStateful =>
        _holder.Facts.Revision is { } text && ProtocolRevision.TryParse(text, out var revision) && !revision.IsModern;

    /// <summary>When a report is due, or something else is to be done, if at all.</summary>
    public DateTimeOffset? NextDue =>
        _holder.NextReport is not { } report ? _holder.NextTick : _holder.NextTick is { } tick && tick < report ? tick : report;

    /// <summary>Whether a report is due.</summary>
    public bool IsReportDue(DateTimeOffset now) => _holder.NextReport <= now;

    /// <summary>How the lease stands.</summary>
    public LeaseSnapshot Snapshot(DateTimeOffset now) => _holder.Snapshot(now);

    /// <summary>Whether the call is in hand here.</summary>
    public bool Knows(CallId id) => _calls.ContainsKey(id.Value);

    /// <summary>The connections that attempts are to use from now on, one for each replica in the order of the configuration; none: calls ask the owner.</summary>
    public void Connect(IReadOnlyList<ConnectionId> ids)
    {
        foreach (var unused in _links?.Idle ?? [])
        {
            Unused.Add(unused.Id);
        }

        _links = ids.Count > 0 ? new LeasedReplicas(ids, _settings.Replicas) : null;
        _links?.Follow(_leftOut, _leftOutAt, _leftOutAt);
    }

    /// <summary>The definition changed.</summary>
    public void Reconfigure(ServerSettings settings, DateTimeOffset now)
    {
        _settings = settings;
        _retry = new RetryPolicy(settings.Retry);
        _links?.Reweigh(settings.Replicas);
        _holder.Reconfigure(settings.Circuit, settings.Concurrency, now);
    }

    /// <summary>The owner admitted a call of this tool: the next one may go under the lease.</summary>
    public void Learn(CallIntent intent, Admitted admitted)
    {
        if (intent is { Method: McpMethod.ToolsCall, Target: { } tool } && admitted.Lease is { } hint)
        {
            if (_tools.Count >= MostTools)
            {
                _tools.Clear();
            }

            _tools[tool] = new CallKnowledge(hint.Class, admitted.Tool, hint.Tools);
        }
    }

    /// <summary>Asks for admission.</summary>
    public LeaseStep Admit(CallId id, CallIntent intent, DateTimeOffset now)
    {
        if (_links is null || Find(intent) is not { } known || _calls.ContainsKey(id.Value))
        {
            _holder.Want(now);
            return new LeaseStep(LeaseStepKind.AskOwner, Reason: _holder.GoodUntil > now ? LeaseReason.NotKnownHere : LeaseReason.NoLease);
        }

        var call = _pool.TryPop(out var pooled) ? pooled : new LeasedCall();
        call.Start(id, intent.Deadline, known);
        var admission = _holder.TryAdmit(id.Value, call, intent.Deadline, now);
        switch (admission.Verdict)
        {
            case LeaseVerdict.Admitted:
                _calls.Add(id.Value, call);
                Admitted++;
                return Attempt(call, admission.Ticket, now);
            case LeaseVerdict.Queued:
                call.Waits = true;
                _calls.Add(id.Value, call);
                return new LeaseStep(LeaseStepKind.Wait);
            default:
                _pool.Push(call);
                return Turned(id, admission, now);
        }
    }

    /// <summary>An attempt failed and nothing was sent to the client. Null: the call is not in hand here.</summary>
    public LeaseStep? AttemptFailed(CallId id, in AttemptOutcome outcome, double random, DateTimeOffset now)
    {
        if (_calls.GetValueOrDefault(id.Value) is not { Link: not null } call)
        {
            return null;
        }

        EndAttempt(call, outcome, now);
        var failsOver = outcome.Unreachable && _links?.HasOther(call.FailedAt, now) == true;
        var context = new RetryContext(call.Known.Class, outcome, call.Attempts, call.Deadline - now, call.Healed, call.BackoffState, failsOver);
        var decision = _retry.Decide(context, random, _holder.Retries, now);
        call.BackoffState = decision.BackoffState;
        if (!decision.SendAgain)
        {
            if (outcome.Unreachable && _links?.AllDown(now) != false)
            {
                _holder.EndpointsRefused(call.Ticket, now);
            }

            return GiveUp(call, new GaveUp(id, RetryRefusals.Reason(decision.Verdict), null, outcome.RetryAfter, RetryRefusals.Text(decision.Verdict, _settings.Retry)), now);
        }

        if (_holder.Blocks(now) is LeaseReason.CircuitOpen or LeaseReason.OpenedHere)
        {
            return GiveUp(call, Stopped(call, LeaseReason.CircuitOpen, now), now);
        }

        call.HealsNow = decision.Verdict == RetryVerdict.Heal;
        call.Healed |= call.HealsNow;
        return decision.Delay > TimeSpan.Zero ? new LeaseStep(LeaseStepKind.Delay, Delay: decision.Delay) : Again(call, now);
    }

    /// <summary>The wait before the next attempt is over. Null: the call is not in hand here.</summary>
    public LeaseStep? Again(CallId id, DateTimeOffset now) =>
        _calls.GetValueOrDefault(id.Value) is { Link: null, Waits: false } call ? Again(call, now) : null;

    /// <summary>A call ended; false when it is not in hand here.</summary>
    public bool Complete(CallId id, in AttemptOutcome outcome, DateTimeOffset now)
    {
        if (_calls.GetValueOrDefault(id.Value) is not { } call)
        {
            return false;
        }

        EndAttempt(call, outcome, now);
        Leave(call, now);
        return true;
    }

    /// <summary>The caller left; false when the call is not in hand here.</summary>
    public bool Abandon(CallId id, DateTimeOffset now) =>
        Complete(id, new AttemptOutcome(AttemptResult.Cancelled, Sent: true, FirstByte: false, TimeSpan.Zero), now);

    private CallKnowledge? Find(CallIntent intent)
    {
        if (intent.Method != McpMethod.ToolsCall || intent.Target is null)
        {
            return new CallKnowledge(CallClassifier.OfMethod(intent.Method), null, null);
        }

        return _tools.TryGetValue(intent.Target, out var known) && known.Tools == _holder.Facts.Tools ? known : null;
    }

    private LeaseStep Again(LeasedCall call, DateTimeOffset now)
    {
        if (call.Deadline <= now)
        {
            return GiveUp(call, new GaveUp(call.Id, GiveUpReason.Deadline, null, null, "the deadline passed before the next attempt"), now);
        }

        var admission = _holder.TryAttempt(first: false, now);
        return admission.IsAdmitted && _links is not null
            ? Attempt(call, admission.Ticket, now)
            : GiveUp(call, Stopped(call, admission.Reason, now), now);
    }

    private LeaseStep Attempt(LeasedCall call, in LeaseTicket ticket, DateTimeOffset now)
    {
        var link = _links!.Use(call.FailedAt, now);
        call.Link = link;
        call.Ticket = ticket;
        call.Sends++;
        call.Attempts = call.HealsNow ? call.Attempts : call.Attempts + 1;
        call.HealsNow = false;
        var timeout = new CallDeadline(now, call.Deadline)
            .AttemptTimeout(now, _settings.Timeout.Attempt, _retry.AllowsAnother(call.Known.Class, call.Attempts));
        return new LeaseStep(LeaseStepKind.Answer, new Admitted(call.Id, link.Id, call.Sends, timeout, call.Known.Tool));
    }

    private void EndAttempt(LeasedCall call, in AttemptOutcome outcome, DateTimeOffset now)
    {
        if (call.Link is not { } link)
        {
            return;
        }

        call.Link = null;
        var (change, record) = link.Set.End(link, outcome, now);
        if (change is not null)
        {
            ReplicaChanges.Add(change);
        }

        if (outcome.Verdict == CircuitVerdict.Failure)
        {
            call.FailedAt |= ReplicaHints.Only(link.Endpoint);
        }

        if (link.InFlight == 0 && link.Set != _links)
        {
            Unused.Add(link.Id);
        }

        _holder.Record(call.Ticket, outcome, now, record);
    }

    private LeaseStep GiveUp(LeasedCall call, GaveUp reply, DateTimeOffset now)
    {
        Leave(call, now);
        return new LeaseStep(LeaseStepKind.Answer, reply);
    }

    private void Leave(LeasedCall call, DateTimeOffset now)
    {
        if (_calls.Remove(call.Id.Value))
        {
            _holder.Leave(call.Id.Value, now, _signals);
            if (_pool.Count < MostPooled)
            {
                _pool.Push(call);
            }

            ServeWaiting(now);
        }
    }
}
