using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;

namespace McpActors.Core.Tests.Servers.Lease.Simulation;

// What must hold, whatever happens.
internal sealed partial class Simulation
{
    private readonly Dictionary<(long Owner, long Phase), int> _buried = [];
    private readonly Dictionary<long, int> _buriedSent = [];

    /// <summary>How long a change of the owner may be felt: its leases and those before it run out, and their last calls end.</summary>
    private long SlackWindow => ((_schedule.Options.Validity * 2) + (_schedule.Options.Margin * 2) + SimSchedule.LongestCall + TimeSpan.FromSeconds(3)).Ticks;

    // Permits: never over the bulkhead and the stated slack.
    private void CheckBound()
    {
        var charged = 0;
        foreach (var node in _nodes)
        {
            charged += node.Charged;
        }

        foreach (var owner in _owners)
        {
            charged += owner.OwnInUse;
        }

        if (charged <= _schedule.Permits)
        {
            return;
        }

        var takeovers = _takeovers.Count(at => Time - at <= SlackWindow);
        var bound = _schedule.Permits + (takeovers * _schedule.Options.SlackOf(_schedule.Permits));
        if (Time <= _twoOwnersUntil || _owners.Count > 1)
        {
            bound += _schedule.Permits * Math.Max(1, _mostOwners - 1);
        }

        if (charged > bound)
        {
            throw new SimViolation($"{charged} permits are out; the bound is {bound} after {takeovers} changes of the owner");
        }
    }

    // A holder never admits after ttl and grace, nor against an open circuit that it knows of, nor for long against one that it does not know of.
    private void CheckAdmission(SimNode node, in LeaseTicket ticket)
    {
        if (!(node.AnsweredAt + _schedule.Options.Validity > node.Now))
        {
            throw new SimViolation($"{node.Id} admits though its lease has run out");
        }

        if (!node.NewestIsClosed)
        {
            throw new SimViolation($"{node.Id} admits though its newest message says that the circuit is open");
        }

        var longest = (_schedule.Options.Validity * (1 + (4 * _schedule.Drift))).Ticks;
        if (_current is { Running: true, OpenSince: { } since } && !_schedule.Overlap && Time - since > longest)
        {
            throw new SimViolation($"{node.Id} admits though the circuit is open for {TimeSpan.FromTicks(Time - since)} (under owner {ticket.Owner})");
        }
    }

    // A stale message changes nothing. Where that is broken on purpose, what comes of it must be seen.
    private void CheckTaken(SimNode node, LeaseGrant grant, bool taken)
    {
        if (taken && grant.Epoch <= node.Newest && _sabotage != Sabotage.IgnoreEpochs)
        {
            throw new SimViolation($"{node.Id} took the stale epoch {grant.Epoch}");
        }

        if (!taken)
        {
            return;
        }

        if (grant.Epoch.Owner != node.Newest.Owner)
        {
            Bury(node);
        }

        node.Newest = grant.Epoch;
        node.LeftOut = grant.LeftOut;
        node.NewestIsClosed = grant.Circuit.EffectivePhase == CircuitPhase.Closed;
        if (grant.Answers > 0 && !(node.AnsweredAt > grant.AskedAt))
        {
            node.AnsweredAt = grant.AskedAt;
        }
    }

    // All who hold a lease of this owner are told in the same round.
    private void CheckAllAreTold(SimOwner owner, List<LeaseGrant> messages)
    {
        foreach (var node in _nodes)
        {
            if (node.IsLive && node.Newest.Owner == owner.Id && node.Holder.PermitsAt(node.Now) > 0
                && !messages.Exists(message => message.Holder == node.Id && message.Circuit.EffectivePhase != CircuitPhase.Closed))
            {
                throw new SimViolation($"{node.Id} is not told that the circuit opened");
            }
        }
    }

    // An outcome is counted at most once, always; and once, when all has come to rest.
    private void CheckCounts(SimOwner owner, bool atRest = false)
    {
        CheckCountsByReplica(owner, atRest);
        if (owner.Circuit.State.Phase != CircuitPhase.Closed)
        {
            return;
        }

        var key = (owner.Id, owner.Circuit.Epoch);
        var living = owner.OwnOutcomes.GetValueOrDefault(owner.Circuit.Epoch);
        foreach (var node in _nodes)
        {
            living += node.Outcomes.GetValueOrDefault(key);
        }

        var counted = owner.Circuit.Snapshot(owner.Node.Now).Window.Calls;
        if (counted > living + _buried.GetValueOrDefault(key))
        {
            throw new SimViolation($"owner {owner.Id} counted {counted} outcomes of {living + _buried.GetValueOrDefault(key)}");
        }

        if (atRest && counted < living)
        {
            throw new SimViolation($"owner {owner.Id} counted {counted} outcomes of {living}, and no more will come");
        }
    }

    // By replica all count, whatever the circuit thinks of them.
    private void CheckCountsByReplica(SimOwner owner, bool atRest)
    {
        var living = _nodes.Sum(node => node.Sent.GetValueOrDefault(owner.Id));
        var most = living + _buriedSent.GetValueOrDefault(owner.Id);
        if (owner.Counted > most || (atRest && owner.Counted < living))
        {
            throw new SimViolation($"owner {owner.Id} counted {owner.Counted} outcomes by replica, of {living} to {most}");
        }
    }

    // A node's life ends, or its owner is another: what it saw may or may not have been counted.
    private void Bury(SimNode node)
    {
        foreach (var (key, count) in node.Outcomes)
        {
            _buried[key] = _buried.GetValueOrDefault(key) + count;
        }

        foreach (var (owner, count) in node.Sent)
        {
            _buriedSent[owner] = _buriedSent.GetValueOrDefault(owner) + count;
        }

        node.Outcomes.Clear();
        node.Sent.Clear();
    }

    private void CheckSettled()
    {
        if (_current is not { Running: true } owner || _owners.Count != 1)
        {
            throw new SimViolation("there is not one owner, though all is well");
        }

        var (legacy, leased, own) = (owner.Grantor.Legacy, owner.Grantor.Leased, owner.Grantor.OwnLimit);
        if (legacy != 0 || leased + own != _schedule.Permits)
        {
            throw new SimViolation($"permits are lost: {leased} leased and {own} here of {_schedule.Permits}, {legacy} still a former owner's");
        }

        if (owner.Circuit.State.Phase != CircuitPhase.Closed)
        {
            throw new SimViolation("the circuit did not close, though all is well");
        }

        CheckCounts(owner, atRest: true);
        foreach (var node in _nodes.Where(node => node.IsLive && node.Newest.Owner == owner.Id))
        {
            if (!node.LeftOut.Select(replica => replica.Ejection).SequenceEqual(owner.LeftOut.Select(replica => replica.Until.UtcTicks)))
            {
                throw new SimViolation($"{node.Id} leaves out other replicas than owner {owner.Id}");
            }
        }
    }

    // None is lost for ever: one node alone can have nearly all of them.
    private void CheckOneNodeCanUseThemAll()
    {
        var node = _nodes[0];
        var reached = 0;
        for (var round = 0; round < 200 && reached < _schedule.Permits - _nodes.Length; round++)
        {
            Call(node);
            RunUntil(Time + (TimeSpan.TicksPerMillisecond * 20));
            reached = Math.Max(reached, node.Holder.PermitsAt(node.Now));
        }

        if (reached < (_schedule.Permits - _nodes.Length) / 2)
        {
            throw new SimViolation($"only {reached} of {_schedule.Permits} permits can be had by one node");
        }
    }
}
