using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers.Lease;

/// <summary>
/// A node's own connections to a leased server, one for each replica, and which of them an attempt goes to: by the same balancer as at the owner, on this
/// node's own outcomes and what the owner says of those of all nodes. In place; owned by one <see cref="LeasedCalls"/>.
/// </summary>
internal sealed class LeasedReplicas
{
    /// <summary>How long nothing is sent where nobody was, unless nobody is anywhere; doubles with each time in a row.</summary>
    private static readonly TimeSpan DownFor = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestDown = TimeSpan.FromSeconds(30);

    private readonly LeaseLink[] _links;
    private readonly DateTimeOffset[] _downUntil;
    private readonly int[] _downTimes;

    // The ejection by the owner that each was last left out for; 0: the owner does not leave it out.
    private readonly long[] _ejections;
    private readonly ReplicaBalancer? _balancer;

    /// <summary>Connections in the order of the replicas.</summary>
    /// <param name="ids">One for each replica.</param>
    /// <param name="replicas">What is configured of them.</param>
    internal LeasedReplicas(IReadOnlyList<ConnectionId> ids, IReadOnlyList<ReplicaSettings> replicas)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ids.Count, replicas.Count);
        _links = [.. ids.Select((id, i) => new LeaseLink(id, this, i))];
        _downUntil = new DateTimeOffset[ids.Count];
        _downTimes = new int[ids.Count];
        _ejections = new long[ids.Count];

        // Nodes begin with different replicas, so that the first calls of all of them do not go to the same one.
        var start = unchecked((uint)ids[0].Node * 2654435769u) / (double)(1L << 32);
        _balancer = ids.Count > 1 ? new ReplicaBalancer([.. replicas.Select(replica => replica.Weight)], EjectionOptions.Default, start) : null;
    }

    /// <summary>Those that have no call.</summary>
    internal IEnumerable<LeaseLink> Idle => _links.Where(link => link.InFlight == 0);

    /// <summary>Whether nobody was there at any replica when it was last tried.</summary>
    internal bool AllDown(DateTimeOffset now) => _balancer is null || Down(now) == ulong.MaxValue >> (64 - _links.Length);

    /// <summary>The connection for an attempt.</summary>
    /// <param name="failedAt">The replicas where the call failed before, as a set of bits.</param>
    /// <param name="now">The time.</param>
    internal LeaseLink Use(ulong failedAt, DateTimeOffset now)
    {
        var link = _links[_balancer?.Pick(new ReplicaHints(Down(now), 0, failedAt), now, out _) ?? 0];
        link.InFlight++;
        return link;
    }

    /// <summary>An attempt ended. Returns what changed, and whose affair it is.</summary>
    internal (ReplicaChange? Change, ReplicaRecord Record) End(LeaseLink link, in AttemptOutcome outcome, DateTimeOffset now)
    {
        link.InFlight--;
        if (_balancer is null)
        {
            return (null, default);
        }

        var change = _balancer.Record(link.Endpoint, outcome, now);
        if (outcome.Unreachable)
        {
            var time = DownFor * (1 << Math.Min(_downTimes[link.Endpoint]++, 5));
            _downUntil[link.Endpoint] = now + (time < LongestDown ? time : LongestDown);
        }
        else if (outcome.Verdict == CircuitVerdict.Success)
        {
            _downUntil[link.Endpoint] = default;
            _downTimes[link.Endpoint] = 0;
        }

        var own = outcome.Verdict == CircuitVerdict.Failure && (outcome.Unreachable ? !AllDown(now) : _balancer.IsOutlier(link.Endpoint, now));
        return (change, new ReplicaRecord(link.Endpoint, own));
    }

    /// <summary>Whether a call that found nobody can go to another replica at once.</summary>
    internal bool HasOther(ulong failedAt, DateTimeOffset now) => _balancer is not null && (_balancer.InUse & ~Down(now) & ~failedAt) != 0;

    /// <summary>Leaves out what the owner leaves out: it knows what all nodes see. What it takes back is taken back here too.</summary>
    /// <param name="leftOut">All that it leaves out.</param>
    /// <param name="toldAt">When it said so.</param>
    /// <param name="now">The time.</param>
    internal void Follow(IReadOnlyList<LeftOutReplica> leftOut, DateTimeOffset toldAt, DateTimeOffset now)
    {
        if (_balancer is null)
        {
            return;
        }

        var named = 0UL;
        foreach (var replica in leftOut)
        {
            named |= ReplicaHints.Only(replica.Endpoint);
        }

        for (var i = 0; i < _links.Length; i++)
        {
            if (_ejections[i] != 0 && (named & ReplicaHints.Only(i)) == 0)
            {
                _ejections[i] = 0;
                _balancer.TakeBack(i, now);
            }
        }

        foreach (var replica in leftOut)
        {
            if ((uint)replica.Endpoint < (uint)_links.Length && _ejections[replica.Endpoint] != replica.Ejection && LeaveOut(replica.Endpoint, toldAt + replica.Rest, now))
            {
                _ejections[replica.Endpoint] = replica.Ejection;
            }
        }
    }

    /// <summary>Other weights.</summary>
    internal void Reweigh(IReadOnlyList<ReplicaSettings> replicas)
    {
        if (replicas.Count == _links.Length)
        {
            _balancer?.Reweigh([.. replicas.Select(replica => replica.Weight)]);
        }
    }

    // Half of them at most: what only this node has seen gives way to the owner's word.
    private bool LeaveOut(int endpoint, DateTimeOffset until, DateTimeOffset now)
    {
        if (_balancer!.LeaveOut(endpoint, until))
        {
            return true;
        }

        for (var i = 0; i < _links.Length; i++)
        {
            if (_ejections[i] == 0 && _balancer.PhaseOf(i) != ReplicaPhase.InUse)
            {
                _balancer.TakeBack(i, now);
                return _balancer.LeaveOut(endpoint, until);
            }
        }

        return false;
    }

    private ulong Down(DateTimeOffset now)
    {
        var down = 0UL;
        for (var i = 0; i < _downUntil.Length; i++)
        {
            down |= _downUntil[i] > now ? ReplicaHints.Only(i) : 0;
        }

        return down;
    }
}
