using McpActors.Core.Servers.Lease;

namespace McpActors.Core.Tests.Servers.Lease.Simulation;

// What goes wrong, and where the owner lives.
internal sealed partial class Simulation
{
    private readonly Dictionary<(long Owner, HolderId Holder), long> _counted = [];
    private readonly List<long> _takeovers = [];
    private long _twoOwnersUntil = -1;
    private int _mostOwners = 1;
    private bool _ownerIsComing;

    private void Fault()
    {
        if (!_faulty)
        {
            return;
        }

        var node = _nodes[_schedule.Random.Next(_nodes.Length)];
        switch (_schedule.Random.Next(7))
        {
            case 0 or 1:
                Crash(_schedule.Random.Next(2) == 0 && _current is { Running: true } ? _current.Node : node);
                break;
            case 2:
                Partition();
                break;
            case 3:
                Pause(node);
                break;
            case 4 when _current is { Running: true } && !_schedule.Steady:
                _trace?.Add(Stamped($"owner {_current.Id} is moved"));
                Replace(_schedule.Between(0.05, 0.5));
                break;
            case 5 when _schedule.Failures:
                _healthy = !_healthy;
                _trace?.Add(Stamped($"the upstream is {(_healthy ? "well" : "ill")}"));
                break;
            case 6 when _current is { Running: true } owner && owner.Node.PausedUntil <= Time:
                Follow(owner, owner.Circuit.CrashLoop("test", owner.Node.Now));
                break;
        }

        At(_schedule.Between(0.3, 4), Fault);
    }

    private void Crash(SimNode node)
    {
        if (!node.Alive || (_schedule.Steady && node == _current?.Node))
        {
            return;
        }

        _trace?.Add(Stamped($"{node.Id} crashes"));
        Bury(node);
        node.Crash();
        foreach (var owner in _owners.Where(owner => owner.Node == node).ToList())
        {
            Stop(owner);
        }

        At(_schedule.Between(0.3, 8), () => Revive(node));
    }

    private void Revive(SimNode node)
    {
        if (!node.Alive)
        {
            Start(node);
        }
    }

    private void Partition()
    {
        foreach (var node in _nodes)
        {
            node.Side = _schedule.Random.Next(2);
        }

        _trace?.Add(Stamped($"sides: {string.Join(' ', _nodes.Select(node => node.Side))}"));
        if (_current is { Running: true } owner && owner.Node.Side != Majority() && !_schedule.Steady)
        {
            Replace(_schedule.Between(0.5, 4));
        }

        At(_schedule.Between(0.5, 9), () => Array.ForEach(_nodes, node => node.Side = 0));
    }

    private void Pause(SimNode node)
    {
        node.PausedUntil = Time + _schedule.Between(0.2, 9);
        _trace?.Add(Stamped($"{node.Id} is paused until {TimeSpan.FromTicks(node.PausedUntil).TotalSeconds}"));
        if (_current?.Node == node && _current.Running && !_schedule.Steady)
        {
            Replace(_schedule.Between(0.5, 4));
        }
    }

    // The owner gets a successor: after it has stopped, or, where the schedule has it so, a while before.
    private void Replace(long after)
    {
        var former = _current!;
        if (_schedule.Overlap)
        {
            At(after + _schedule.Between(0, 2), () => Stop(former));
        }
        else
        {
            Stop(former);
        }

        NewOwnerAfter(after);
    }

    private void Stop(SimOwner owner)
    {
        if (!owner.Running)
        {
            return;
        }

        _trace?.Add(Stamped($"owner {owner.Id} stops"));
        owner.Running = false;
        _owners.Remove(owner);
        if (owner == _current)
        {
            NewOwnerAfter(_schedule.Between(0.3, 5));
        }
    }

    private void NewOwnerAfter(long delay)
    {
        if (_ownerIsComing)
        {
            return;
        }

        _ownerIsComing = true;
        At(delay, StartOwner);
    }

    private void StartOwner()
    {
        var places = _nodes.Where(node => node.Alive && node.Side == Majority() && node.PausedUntil <= Time).ToList();
        if (places.Count == 0)
        {
            At(_schedule.Between(0.3, 1), StartOwner);
            return;
        }

        _ownerIsComing = false;
        _current = new SimOwner(++_ownerId, places[_schedule.Random.Next(places.Count)], _schedule, _journal, _sabotage);
        _current.OpenSince = _current.Circuit.State.EffectivePhase == Core.Servers.Circuit.CircuitPhase.Closed ? null : Time;
        _owners.Add(_current);
        if (_ownerId > 1)
        {
            _takeovers.Add(Time);
        }

        _trace?.Add(Stamped($"owner {_current.Id} starts on {_current.Node.Id}"));
        Ask(_current);
        Tick(_current);
    }

    // Who is dead holds nothing; who cannot be reached does not answer.
    private void Ask(SimOwner owner)
    {
        if (!_schedule.Asks)
        {
            return;
        }

        owner.Unheard = [.. _nodes.Where(node => node.Alive).Select(node => node.Id)];
        foreach (var asked in owner.Unheard)
        {
            Send(() => Claim(owner, asked));
        }
    }

    private void Claim(SimOwner owner, HolderId asked)
    {
        var node = _nodes[asked.Node[1] - '0'];
        if (!node.Alive || node.Id != asked || node.Side != owner.Node.Side || node.PausedUntil > Time)
        {
            return;
        }

        node.Outlive();
        node.Holder.Fence(owner.Id);
        var report = node.Holder.TakeReport(node.Now);
        _trace?.Add(Stamped($"{node.Id} claims to owner {owner.Id} in {report.Number}: {report.Permits} permits, epoch {report.Applied.Owner}/{report.Applied.Counter}"));
        Send(() => Take(owner, report));
        Wake(node);
    }

    private void Tick(SimOwner owner)
    {
        if (!owner.Running)
        {
            return;
        }

        if (_owners.Count > 1)
        {
            _twoOwnersUntil = Time + SlackWindow;
            _mostOwners = Math.Max(_mostOwners, _owners.Count);
        }

        if (owner.Node.PausedUntil <= Time)
        {
            owner.Grantor.SetOwnUse(owner.OwnInUse, 0);
            var transitions = owner.Circuit.Tick(owner.Node.Now);
            owner.Grantor.Tick(owner.Node.Now);
            Follow(owner, transitions);
        }

        At(OwnerTick, () => Tick(owner));
    }

    private int Majority() => _nodes.Where(node => node.Alive).GroupBy(node => node.Side)
        .OrderByDescending(side => side.Count()).ThenBy(side => side.Key).FirstOrDefault()?.Key ?? 0;

    private void Heal()
    {
        _trace?.Add(Stamped($"all heals"));
        _faulty = false;
        _healthy = true;
        foreach (var node in _nodes)
        {
            node.Side = 0;
            node.PausedUntil = Math.Min(node.PausedUntil, Time);
            Revive(node);
            Wake(node);
        }
    }

    private LeaseGrant Twisted(SimNode node, LeaseGrant grant)
    {
        var applied = node.Holder.Epoch;
        return _sabotage == Sabotage.IgnoreEpochs && grant.Epoch <= applied
            ? grant with { Epoch = new LeaseEpoch(applied.Started + (grant.Epoch.Owner == applied.Owner ? 0 : 1), grant.Epoch.Owner, applied.Counter + 1) }
            : grant;
    }

    private LeaseReport Twisted(SimOwner owner, LeaseReport report)
    {
        if (_sabotage == Sabotage.TrustReductions && report.Applied.Owner == owner.Id)
        {
            return report with { Applied = owner.Grantor.Epoch };
        }

        if (_sabotage != Sabotage.CountAgain)
        {
            return report;
        }

        var next = _counted.GetValueOrDefault((owner.Id, report.Holder));
        _counted[(owner.Id, report.Holder)] = next + report.Batches.Count(batch => batch.Owner == owner.Id);
        return report with { Batches = [.. report.Batches.Select(batch => batch.Owner == owner.Id ? batch with { Number = ++next } : batch)] };
    }
}
