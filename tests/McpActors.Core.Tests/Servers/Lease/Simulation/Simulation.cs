using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Lease;

namespace McpActors.Core.Tests.Servers.Lease.Simulation;

/// <summary>
/// Several nodes, one server, its owner moving between them, on virtual time: one seed is one schedule, and the same seed is the same schedule.
/// Faults first; then everything heals, and every permit must be found again.
/// </summary>
internal sealed partial class Simulation
{
    private static readonly long OwnerTick = TimeSpan.FromMilliseconds(250).Ticks;

    private readonly SimSchedule _schedule;
    private readonly Sabotage _sabotage;
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private readonly List<BulkheadSignal<long>> _signals = [];
    private readonly SimNode[] _nodes;
    private readonly long[] _wakes;
    private readonly SimJournal _journal;
    private readonly List<SimOwner> _owners = [];
    private readonly List<string>? _trace;
    private SimOwner? _current;
    private readonly Random _replicas;
    private long _order;
    private long _callId;
    private long _ownerId;
    private bool _calling = true;
    private bool _healthy = true;
    private bool _faulty = true;

    internal Simulation(int seed, Sabotage sabotage = Sabotage.None, bool trace = false)
    {
        _schedule = new SimSchedule(seed);
        _replicas = new Random(seed);
        _sabotage = sabotage;
        _trace = trace ? [] : null;
        _journal = new SimJournal(sabotage != Sabotage.NoFence);
        _nodes = new SimNode[_schedule.Nodes];
        _wakes = new long[_schedule.Nodes];
        for (var i = 0; i < _nodes.Length; i++)
        {
            var rate = 1 + ((_schedule.Chance() - 0.5) * 2 * _schedule.Drift);
            _nodes[i] = new SimNode(i, this, rate, TimeSpan.FromSeconds((_schedule.Chance() - 0.5) * 600));
            Start(_nodes[i]);
        }
    }

    /// <summary>True time, which no node knows.</summary>
    internal long Time { get; private set; }

    /// <summary>What happened last, if it was asked for.</summary>
    internal IReadOnlyList<string> Trace => _trace ?? [];

    /// <summary>Runs the schedule; throws <see cref="SimViolation"/>.</summary>
    internal void Run()
    {
        StartOwner();
        foreach (var node in _nodes)
        {
            At(_schedule.Between(0, 1), () => Arrive(node));
        }

        At(_schedule.Between(0.5, 3), Fault);
        RunUntil(_schedule.Faults.Ticks);
        Heal();
        var settle = (_schedule.Options.Validity * 2) + _schedule.Options.Margin + SimSchedule.LongestCall + TimeSpan.FromSeconds(8);
        RunUntil(Time + settle.Ticks);
        _calling = false;
        RunUntil(Time + SimSchedule.LongestCall.Ticks + TimeSpan.FromSeconds(4).Ticks);
        CheckSettled();
        CheckOneNodeCanUseThemAll();
    }

    private void RunUntil(long end)
    {
        while (_events.TryPeek(out _, out var key) && key.Time <= end)
        {
            var next = _events.Dequeue();
            Time = Math.Max(Time, key.Time);
            next();
        }

        Time = end;
    }

    private void At(long delay, Action what) => _events.Enqueue(what, (Time + Math.Max(0, delay), _order++));

    private void Start(SimNode node)
    {
        node.Start(_schedule, _sabotage);
        _wakes[node.Index] = long.MaxValue;
        _trace?.Add(Stamped($"{node.Id} starts"));
    }

    // A call comes to a node.
    private void Arrive(SimNode node)
    {
        if (!_calling)
        {
            return;
        }

        At(_schedule.Between(0, 2.0 / _schedule.CallsPerSecond), () => Arrive(node));
        if (node.Alive && node.PausedUntil <= Time)
        {
            Call(node);
        }
    }

    private void Call(SimNode node)
    {
        var call = ++_callId;
        node.Outlive();
        var admission = node.Holder.TryAdmit(call, call, node.Now.AddSeconds(20), node.Now);
        if (admission.IsAdmitted)
        {
            Admitted(node, call, admission.Ticket);
        }
        else if (admission.Verdict == LeaseVerdict.AskOwner)
        {
            AskOwner(node);
        }

        Wake(node);
    }

    private void Admitted(SimNode node, long call, LeaseTicket ticket)
    {
        CheckAdmission(node, ticket);
        node.Running[call] = new SimCall(ticket);
        var life = node.Incarnation;
        At(_schedule.Random.Next(20) == 0 ? _schedule.Between(1, 5.5) : _schedule.Between(0.01, 0.6), () => End(node, life, call));
    }

    private void End(SimNode node, long life, long call)
    {
        if (node.Incarnation != life || !node.Alive || !node.Running.Remove(call, out var ended))
        {
            return;
        }

        node.Outlive();
        var outcome = Outcome();
        var replica = new ReplicaRecord(_replicas.Next(SimOwner.Replicas), Own: outcome.Verdict == CircuitVerdict.Failure && _replicas.Next(3) == 0);
        if (ended.Ticket.Owner == node.Holder.Epoch.Owner)
        {
            var key = (ended.Ticket.Owner, ended.Ticket.Phase);
            node.Outcomes[key] = node.Outcomes.GetValueOrDefault(key) + (replica.Own ? 0 : 1);
            node.Sent[key.Owner] = node.Sent.GetValueOrDefault(key.Owner) + 1;
        }

        node.Holder.Record(ended.Ticket, outcome, node.Now, replica);
        node.Holder.Leave(call, node.Now, _signals);
        Absorb(node);
        Wake(node);
    }

    private AttemptOutcome Outcome() => new(
        (!_healthy && _schedule.Random.Next(10) > 1) || (_schedule.Random.Next(30) == 0 && _faulty) ? AttemptResult.Timeout : AttemptResult.Success,
        true, false, TimeSpan.FromMilliseconds(10));

    private void Absorb(SimNode node)
    {
        for (var i = 0; i < _signals.Count; i++)
        {
            var signal = _signals[i];
            if (signal.Kind != BulkheadSignalKind.Granted)
            {
                continue;
            }

            var attempt = node.Holder.TryAttempt(first: true, node.Now);
            if (attempt.IsAdmitted)
            {
                Admitted(node, signal.CallId, attempt.Ticket);
            }
            else
            {
                node.Holder.Leave(signal.CallId, node.Now, _signals);
            }
        }

        _signals.Clear();
    }

    // The holder reports when it says that it is due.
    private void Wake(SimNode node)
    {
        if (!node.Alive || node.Holder.NextReport is not { } due)
        {
            return;
        }

        var at = Time + Math.Max(TimeSpan.TicksPerMillisecond, (due - node.Now).Ticks);
        if (at >= _wakes[node.Index])
        {
            return;
        }

        _wakes[node.Index] = at;
        var life = node.Incarnation;
        At(at - Time, () => ReportDue(node, life, at));
    }

    private void ReportDue(SimNode node, long life, long at)
    {
        if (node.Incarnation != life || !node.Alive || _wakes[node.Index] != at)
        {
            return;
        }

        if (node.PausedUntil > Time)
        {
            _wakes[node.Index] = node.PausedUntil;
            At(node.PausedUntil - Time, () => ReportDue(node, life, _wakes[node.Index]));
            return;
        }

        _wakes[node.Index] = long.MaxValue;
        node.Outlive();
        node.Holder.Tick(node.Now, _signals);
        Absorb(node);
        if (node.Holder.NextReport <= node.Now)
        {
            var report = node.Holder.TakeReport(node.Now);
            _trace?.Add(Stamped($"{node.Id} reports {report.Number}: {report.Permits} permits, {report.InUse} in use, wants {report.Wanted}, epoch {report.Applied.Owner}/{report.Applied.Counter}{(report.Releases ? ", releases" : "")}"));
            Send(() => ToOwner(node.Side, report, tries: 3));
        }

        Wake(node);
    }

    private void Send(Action deliver)
    {
        if (_faulty && _schedule.Chance() < _schedule.Loss)
        {
            return;
        }

        At(Delay(), deliver);
        if (_faulty && _schedule.Chance() < _schedule.Repeat)
        {
            At(Delay(), deliver);
        }
    }

    private long Delay() => _faulty && _schedule.Chance() < _schedule.Slow
        ? _schedule.Between(0.1, 9)
        : _schedule.Between(0.001, 0.03);

    private void ToOwner(int side, LeaseReport report, int tries)
    {
        var owner = _owners.FirstOrDefault(o => o.Node.Side == side && o.Node.PausedUntil <= Time && (o == _current || _schedule.Random.Next(2) == 0));
        if (owner is null)
        {
            // What is sent to an owner that has no place yet waits for it, and may then come late.
            if (tries > 0 && _schedule.Random.Next(2) == 0)
            {
                At(_schedule.Between(0.3, 2), () => ToOwner(side, report, tries - 1));
            }

            return;
        }

        Take(owner, report);
    }

    private void Take(SimOwner owner, LeaseReport report)
    {
        if (!owner.Running || owner.Node.PausedUntil > Time)
        {
            return;
        }

        owner.Grantor.SetOwnUse(owner.OwnInUse, 0);
        var receipt = owner.Grantor.Receive(Twisted(owner, report), owner.Node.Now);
        if (receipt.Kind == LeaseReceiptKind.Outranked)
        {
            _trace?.Add(Stamped($"owner {owner.Id} is outranked"));
            Stop(owner);
            return;
        }

        owner.Counted += owner.Grantor.Outcomes.Sum(outcome => outcome.Count);
        owner.Grantor.Outcomes.Clear();
        LeaveOut(owner);
        Follow(owner, receipt.Transitions);
        if (report.AskedBy == owner.Id && owner.Unheard?.Remove(report.Holder) == true && owner.Unheard.Count == 0)
        {
            _trace?.Add(Stamped($"owner {owner.Id} has heard of all"));
            owner.Unheard = null;
            owner.Grantor.ConcludeTakeover(owner.Node.Now);
            Follow(owner, default);
        }
    }

    // Now and then another replica is left out, or taken back.
    private void LeaveOut(SimOwner owner)
    {
        if (_calling && _replicas.Next(25) == 0)
        {
            owner.LeftOut = _replicas.Next(2) == 0 ? [] : [new ReplicaEjection(_replicas.Next(SimOwner.Replicas), owner.Node.Now.AddSeconds(30))];
            owner.Grantor.LeaveOut(owner.LeftOut);
        }
    }

    private void Follow(SimOwner owner, in CircuitTransitions transitions)
    {
        for (var i = 0; i < transitions.Count; i++)
        {
            var change = transitions[i];
            var number = owner.NextEvent++;
            _trace?.Add(Stamped($"owner {owner.Id}: {change.GetType().Name}, event {number}"));

            // A writer stores one event after the other: were they to overtake each other, the fence would not hold.
            owner.StoredAt = Math.Max(Time + _schedule.Between(0.001, 0.2), owner.StoredAt + 1);
            At(owner.StoredAt - Time, () => Store(owner, number, change));
        }

        owner.Grantor.Sync(owner.Node.Now);
        owner.OpenSince = owner.Circuit.State.EffectivePhase == CircuitPhase.Closed ? null : owner.OpenSince ?? Time;
        Flush(owner, opened: transitions.First is CircuitEvent.Opened);
        CheckCounts(owner);
    }

    private void Store(SimOwner owner, long number, CircuitEvent change)
    {
        if (owner.Node.Alive && owner.Running && !_journal.Write(owner.Id, number, change))
        {
            _trace?.Add(Stamped($"owner {owner.Id} is fenced off"));
            Stop(owner);
        }
    }

    private void Flush(SimOwner owner, bool opened)
    {
        List<LeaseGrant> messages = [.. owner.Grantor.Outbox];
        owner.Grantor.Outbox.Clear();
        if (_sabotage == Sabotage.NoPush)
        {
            messages.RemoveAll(message => message.Answers == 0);
        }

        if (opened)
        {
            CheckAllAreTold(owner, messages);
        }

        foreach (var message in messages)
        {
            var side = owner.Node.Side;
            Send(() => ToHolder(side, message));
        }
    }

    private void ToHolder(int side, LeaseGrant grant)
    {
        var node = _nodes[grant.Holder.Node[1] - '0'];
        if (!node.Alive || node.Id != grant.Holder || node.Side != side)
        {
            return;
        }

        if (node.PausedUntil > Time)
        {
            At(node.PausedUntil - Time, () => ToHolder(side, grant));
            return;
        }

        node.Outlive();
        var taken = node.Holder.Apply(Twisted(node, grant), node.Now, _signals);
        _trace?.Add(Stamped($"{node.Id} {(taken ? "takes" : "drops")} {grant.Epoch.Owner}/{grant.Epoch.Counter}: {grant.Permits} permits, {grant.Fresh} fresh, {grant.Circuit.EffectivePhase}, answers {grant.Answers}"));
        CheckTaken(node, grant, taken);
        Absorb(node);
        CheckBound();
        Wake(node);
    }

    private void AskOwner(SimNode node)
    {
        var owner = _owners.FirstOrDefault(o => o.Node.Side == node.Side && o.Node.PausedUntil <= Time);
        if (owner is null)
        {
            return;
        }

        var admission = owner.TryOwn();
        if (admission.Allowed)
        {
            owner.OwnInUse++;
            CheckBound();
            var call = new SimOwnCall(owner, admission.Ticket);
            At(_schedule.Between(0.01, 1), () => EndOwn(call));
        }

        Follow(owner, admission.Transitions);
    }

    private void EndOwn(SimOwnCall call)
    {
        if (call.Owner.Running)
        {
            Follow(call.Owner, call.Owner.EndOwn(call.Ticket, Outcome().Verdict));
        }
    }

    private string Stamped(FormattableString what) => FormattableString.Invariant($"{TimeSpan.FromTicks(Time).TotalSeconds:0.000} {FormattableString.Invariant(what)}");
}
