using McpActors.Core.Configuration;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports.Remote;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers.Leases;

/// <summary>
/// This node's lease of one server that another node owns: the lock, the timer, the connection and the waiting callers around <see cref="LeasedCalls"/>.
/// Thread-safe. Wanted → (granted) Live → given back when unused, at the node's end, or when the server turns out to keep state.
/// </summary>
internal sealed class ServerLease : IDisposable
{
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, TaskCompletionSource<IServerReply?>> _waiting = [];
    private readonly NodeLeases _owner;
    private readonly LeaseServices _services;
    private readonly LeasedCalls _calls;
    private readonly ITimer _timer;
    private ServerModel _model;
    private LeaseFacts? _connectedBy;
    private DateTimeOffset _dueAt = DateTimeOffset.MaxValue;
    private long _counted;
    private bool _retired;
    private bool _stateful;
    private bool _over;

    public ServerLease(HolderId self, ServerModel model, NodeLeases owner, LeaseServices services)
    {
        _owner = owner;
        _services = services;
        _model = model;
        _calls = new LeasedCalls(self, services.Options, ServerSettings.Of(model));
        _timer = services.Time.CreateTimer(static lease => ((ServerLease)lease!).OnDue(), this, Never, Never);
    }

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    /// <summary>Asks for admission. Null: the owner is to be asked.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> fired while the call waited.</exception>
    public ValueTask<IServerReply?> AdmitAsync(Admit command, CancellationToken ct)
    {
        TaskCompletionSource<IServerReply?>? waiting = null;
        LeaseStep step;
        lock (_lock)
        {
            if (_retired || _over)
                return default;
            var now = Now;
            Refresh(now);
            step = _calls.Admit(command.Call, command.Intent, now);
            if (step.Kind == LeaseStepKind.Wait)
                _waiting.Add(command.Call.Value, waiting = new(TaskCreationOptions.RunContinuationsAsynchronously));
            Settle(now);
        }

        Count(step);
        return waiting is null ? ValueTask.FromResult(step.Reply) : new ValueTask<IServerReply?>(WaitAsync(command.Call, waiting.Task, ct));
    }

    /// <summary>Reports a failed attempt and asks what next. Null: the call is not in hand here.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> fired before the next attempt; the call is over.</exception>
    public async ValueTask<IServerReply?> AttemptFailedAsync(AttemptFailed command, CancellationToken ct)
    {
        var step = Locked(now => _calls.AttemptFailed(command.Call, command.Outcome, _services.Random.NextDouble(), now));
        if (step is { Kind: LeaseStepKind.Delay } rest)
        {
            try
            {
                await Task.Delay(rest.Delay, _services.Time, ct);
            }
            catch (OperationCanceledException)
            {
                Abandon(command.Call);
                throw;
            }

            step = Locked(now => _calls.Again(command.Call, now))
                ?? new LeaseStep(LeaseStepKind.Answer, new GaveUp(command.Call, GiveUpReason.Deadline, null, null, "the deadline passed before the next attempt"));
        }

        if (step is { } taken)
            Count(taken);
        return step?.Reply;
    }

    /// <summary>A call ended; false when it is not in hand here.</summary>
    public bool Complete(Complete command)
    {
        lock (_lock)
        {
            var now = Now;
            var known = _calls.Complete(command.Call, command.Outcome, now);
            Settle(now);
            return known;
        }
    }

    /// <summary>The caller left; false when the call is not in hand here.</summary>
    public bool Abandon(CallId call) => Locked(now => _calls.Abandon(call, now));

    /// <summary>The owner admitted a call: the next one like it may go under the lease.</summary>
    public void Learn(Admit command, Admitted admitted)
    {
        lock (_lock)
        {
            _calls.Learn(command.Intent, admitted);
        }
    }

    /// <summary>Takes a message of an owner.</summary>
    public void Apply(LeaseGrant grant)
    {
        lock (_lock)
        {
            var now = Now;
            if (_over || !_calls.Apply(grant, now))
                return;
            Refresh(now);
            Connect();
            if (_calls.IsStateful && !_retired)
            {
                _stateful = _retired = true;
                _calls.Retire();
            }

            Settle(now);
            Show(now);
        }
    }

    /// <summary>What this node has, for an owner that has just begun; null when it has nothing.</summary>
    public LeaseReport? Claim(long owner)
    {
        lock (_lock)
        {
            if (_over)
                return null;
            var now = Now;
            _calls.Fence(owner);
            var report = _calls.TakeReport(now);
            Settle(now);
            return report;
        }
    }

    /// <summary>The node leaves: the lease is given back, after the last call if there is one.</summary>
    public void Retire()
    {
        lock (_lock)
        {
            if (_over)
                return;
            var now = Now;
            _retired = true;
            _calls.Retire();
            _owner.Send(_model.Id, _calls.TakeReport(now));
            Settle(now);
        }
    }

    public void Dispose() => _timer.Dispose();

    private async Task<IServerReply?> WaitAsync(CallId call, Task<IServerReply?> answer, CancellationToken ct)
    {
        try
        {
            return await answer.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
                _waiting.Remove(call.Value);
            Abandon(call);
            throw;
        }
    }

    private T Locked<T>(Func<DateTimeOffset, T> decide)
    {
        lock (_lock)
        {
            var now = Now;
            var decided = decide(now);
            Settle(now);
            return decided;
        }
    }

    private void OnDue()
    {
        lock (_lock)
        {
            _dueAt = DateTimeOffset.MaxValue;
            if (_over)
                return;
            var now = Now;
            _calls.Tick(now);
            if (_calls.IsReportDue(now))
                _owner.Send(_model.Id, _calls.TakeReport(now));
            Settle(now);
            Show(now);
            if (_calls.IsOver)
                End();
        }
    }

    private void End()
    {
        _over = true;
        _calls.Connect([]);
        Settle(Now);
        _timer.Dispose();
        _services.Metrics.LeaseEnded(_model.Id);
        _owner.Remove(_model.Id, this, _stateful ? _model : null);
    }

    // Follows the catalogue: compared by reference on every call, as the owner does.
    private void Refresh(DateTimeOffset now)
    {
        var model = _services.Models.Find(_model.Id);
        if (model is null || ReferenceEquals(model, _model))
            return;
        var same = model.Revision == _model.Revision;
        _model = model;
        if (same)
            return;
        _calls.Reconfigure(ServerSettings.Of(model), now);
        Connect();
    }

    // One that is no longer right is closed after its last call.
    private void Connect()
    {
        var facts = _calls.Connectable;
        if (facts is null ? _connectedBy is null : _connectedBy is { } by && by with { Tools = facts.Tools } == facts)
            return;
        _connectedBy = facts;
        _calls.Connect(facts is null
            ? []
            : [.. Enumerable.Range(0, _model.EndpointCount).Select(i => _services.Pool.Join(_model, LoanOf(facts, _model.UrlOf(i)), _owner.Node))]);
    }

    // A server without sessions does not care who else uses a request's id, so there are enough for the life of the node.
    private static ConnectionLoan LoanOf(LeaseFacts facts, Uri? url) => new(
        new PeerInfo(ProtocolRevision.Parse(facts.Revision!), ReadOnlyMemory<byte>.Empty, System.Text.Encoding.UTF8.GetBytes(facts.ServerInfo!), null),
        SessionId: null, IsProcess: false, FirstId: 1, Ids: int.MaxValue, Url: url);

    private void Settle(DateTimeOffset now)
    {
        foreach (var (call, step) in _calls.Late)
        {
            Count(step);
            if (_waiting.Remove(call.Value, out var waiting))
                waiting.TrySetResult(step.Reply);
        }

        _calls.Late.Clear();
        foreach (var unused in _calls.Unused)
            _ = _services.Pool.CloseAsync(unused);
        _calls.Unused.Clear();
        foreach (var change in _calls.ReplicaChanges)
        {
            if (change.Phase == ReplicaPhase.Ejected)
                _services.Metrics.ReplicaEjected(_model.Id, change.Endpoint);
        }

        _calls.ReplicaChanges.Clear();
        if (!_over && _calls.NextDue is { } due && due < _dueAt)
        {
            _dueAt = due;
            _timer.Change(due > now ? due - now : TimeSpan.Zero, Never);
        }
    }

    private void Show(DateTimeOffset now)
    {
        var lease = _calls.Snapshot(now);
        var admitted = _calls.Admitted;
        _services.Metrics.Leased(_model.Id, new LeaseLoad(lease.Permits, lease.InUse, lease.Queued, admitted - _counted));
        _counted = admitted;
    }

    private void Count(in LeaseStep step)
    {
        if (step.Reason != LeaseReason.None)
            _services.Metrics.NotLeased(_model.Id, step.Reason);
        switch (step.Reply)
        {
            case Admitted { Attempt: > 1 }:
                _services.Metrics.Retried(_model.Id);
                break;
            case Rejected rejected:
                _services.Metrics.Rejected(_model.Id, rejected.Reason);
                break;
            case GaveUp gaveUp:
                _services.Metrics.RetryDenied(_model.Id, gaveUp.Reason);
                break;
            default:
                break;
        }
    }
}
