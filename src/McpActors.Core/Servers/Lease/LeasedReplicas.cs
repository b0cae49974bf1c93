using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers.Lease;

/// <summary>
/// A node's own connections to a leased server, one for each replica, and which of them an attempt goes to: by the same balancer as at the owner, on this
/// node's own outcomes. In place; owned by one <see cref="LeasedCalls"/>.
/// </summary>
internal sealed class LeasedReplicas
{
    /// <summary>How long nothing is sent where nobody was, unless nobody is anywhere; doubles with each time in a row.</summary>
    private static readonly TimeSpan DownFor = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestDown = TimeSpan.FromSeconds(30);

    private readonly LeaseLink[] _links;
    private readonly DateTimeOffset[] _downUntil;
    private readonly int[] _downTimes;
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

    /// <summary>An attempt ended. Returns what changed, and whether it says something about the server: what is one replica's own affair does not.</summary>
    internal (ReplicaChange? Change, bool Counts) End(LeaseLink link, in AttemptOutcome outcome, DateTimeOffset now)
    {
        link.InFlight--;
        if (_balancer is null)
        {
            return (null, true);
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
        return (change, !own);
    }

    /// <summary>Whether a call that found nobody can go to another replica at once.</summary>
    internal bool HasOther(ulong failedAt, DateTimeOffset now) => _balancer is not null && (_balancer.InUse & ~Down(now) & ~failedAt) != 0;

    /// <summary>Other weights.</summary>
    internal void Reweigh(IReadOnlyList<ReplicaSettings> replicas)
    {
        if (replicas.Count == _links.Length)
        {
            _balancer?.Reweigh([.. replicas.Select(replica => replica.Weight)]);
        }
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
