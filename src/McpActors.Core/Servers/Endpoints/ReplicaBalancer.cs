using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Endpoints;

/// <summary>
/// Chooses the replica of a server for each call, the one with the least outstanding calls for its weight and by turns between equals, and leaves out for a
/// while what does worse than it should; never more than half of them. InUse → Ejected → OnTrial → InUse or Ejected. In place, allocates only upon a change;
/// owned by one actor or one lease, whose own outcomes it goes by and those that others tell of; time is an input. The circuit of the server is another machine: it judges all replicas together.
/// </summary>
public sealed partial class ReplicaBalancer
{
    // How much better the others must do before a rate makes an outlier.
    private const double BetterBy = 0.5;

    private readonly EjectionOptions _options;
    private readonly Replica[] _replicas;
    private long _turn;

    /// <summary>All in use.</summary>
    /// <param name="weights">One for each replica, at least 1; at most 64 of them.</param>
    /// <param name="options">When to eject.</param>
    /// <param name="start">In [0, 1): which turn is the first, so that nodes which begin together do not all begin with the same replica.</param>
    public ReplicaBalancer(IReadOnlyList<int> weights, EjectionOptions options, double start = 0)
    {
        EjectionOptions.Rules.ThrowIfBroken(options);
        ArgumentOutOfRangeException.ThrowIfZero(weights.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weights.Count, 64);
        _options = options;
        _replicas = new Replica[weights.Count];
        for (var i = 0; i < weights.Count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(weights[i], 1);
            _replicas[i] = new Replica(i, weights[i], options.Window);
            _replicas[i].NextTurn = (long)(((i + weights.Count - (int)(start * weights.Count)) % weights.Count) * (double)_replicas[i].Stride / weights.Count);
        }
    }

    /// <summary>How many replicas there are.</summary>
    public int Count => _replicas.Length;

    /// <summary>How many are left out or on trial.</summary>
    public int Ejected { get; private set; }

    /// <summary>How many may be ejected at once: half of them.</summary>
    public int MostEjected => _replicas.Length / 2;

    /// <summary>Whether a replica gets calls.</summary>
    public ReplicaPhase PhaseOf(int endpoint) => _replicas[endpoint].Phase;

    /// <summary>The calls on their way at a replica.</summary>
    public int OutstandingAt(int endpoint) => _replicas[endpoint].Outstanding;

    /// <summary>Those in use, as a set of bits.</summary>
    public ulong InUse
    {
        get
        {
            var set = 0UL;
            foreach (var replica in _replicas)
            {
                set |= replica.Phase == ReplicaPhase.InUse ? ReplicaHints.Only(replica.Index) : 0;
            }

            return set;
        }
    }

    /// <summary>Those that were ejected for long enough, or are on trial, as a set of bits.</summary>
    public ulong Due(DateTimeOffset now)
    {
        var set = 0UL;
        foreach (var replica in _replicas)
        {
            set |= IsDue(replica, now) ? ReplicaHints.Only(replica.Index) : 0;
        }

        return set;
    }

    /// <summary>When the next ejected one is to be tried; null when none waits for its time.</summary>
    public DateTimeOffset? NextTrial(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var replica in _replicas)
        {
            if (replica.Phase == ReplicaPhase.Ejected && replica.Until > now && !(replica.Until >= next))
            {
                next = replica.Until;
            }
        }

        return next;
    }

    /// <summary>
    /// Chooses a replica and counts the call there; <see cref="Record"/> or <see cref="Release"/> ends it. One that was ejected for long enough goes first, with
    /// one call, if there is nothing against it; before its time only where everything in use is down.
    /// </summary>
    /// <param name="hints">What is known beside the calls.</param>
    /// <param name="now">The time.</param>
    /// <param name="change">A replica that is tried again by this call.</param>
    public int Pick(ReplicaHints hints, DateTimeOffset now, out ReplicaChange? change)
    {
        change = null;
        var tried = Ejected > 0 ? Trial(hints, now) : null;
        if (tried is { Phase: ReplicaPhase.Ejected })
        {
            change = Try(tried);
        }

        var chosen = tried ?? Least(hints);
        _turn = Math.Max(_turn, chosen.NextTurn);
        chosen.NextTurn = _turn + chosen.Stride;
        chosen.Outstanding++;
        return chosen.Index;
    }

    /// <summary>Counts a call at a replica that is not chosen but given: where a session lives. At one whose time out is over it is the trial.</summary>
    public ReplicaChange? Hold(int endpoint, DateTimeOffset now)
    {
        var replica = _replicas[endpoint];
        replica.Outstanding++;
        return replica.Phase == ReplicaPhase.Ejected && replica.Until <= now ? Try(replica) : null;
    }

    /// <summary>Ends a call that came to no attempt.</summary>
    public void Release(int endpoint)
    {
        var replica = _replicas[endpoint];
        replica.Outstanding = Math.Max(0, replica.Outstanding - 1);
    }

    /// <summary>Ends a call.</summary>
    public ReplicaChange? Record(int endpoint, in AttemptOutcome outcome, DateTimeOffset now)
    {
        Release(endpoint);
        var replica = _replicas[endpoint];
        if (outcome.Verdict == CircuitVerdict.NoVerdict || replica.Phase == ReplicaPhase.Ejected)
        {
            // What was on its way when it was ejected says nothing new.
            return null;
        }

        return Judge(replica, outcome.Verdict == CircuitVerdict.Success, now);
    }

    /// <summary>A connection to it could not be opened: a failure, and the end of a trial that had not begun.</summary>
    public ReplicaChange? NotConnected(int endpoint, DateTimeOffset now)
    {
        var replica = _replicas[endpoint];
        if (replica.Phase == ReplicaPhase.Ejected)
        {
            return replica.Until <= now ? Eject(replica, "it cannot be connected", now) : null;
        }

        return Judge(replica, success: false, now);
    }

    /// <summary>
    /// Whether its failures are its own affair: the others in use, together, had calls lately and fail at most half as often. Where that is not so they are the
    /// server's, and its circuit has to know.
    /// </summary>
    public bool IsOutlier(int endpoint, DateTimeOffset now) => OthersDoBetter(_replicas[endpoint], now, out _, out _);

    /// <summary>Other weights for the same replicas.</summary>
    public void Reweigh(IReadOnlyList<int> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Count, _replicas.Length);
        for (var i = 0; i < weights.Count; i++)
        {
            _replicas[i].Weight = weights[i];
        }
    }

    /// <summary>What can be shown.</summary>
    public IReadOnlyList<ReplicaSnapshot> Snapshot() =>
        [.. _replicas.Select(r => new ReplicaSnapshot(
            r.Index, r.Weight, r.Phase, r.Phase == ReplicaPhase.Ejected ? r.Until : null, r.Outstanding, r.ConsecutiveFailures))];

    private static bool IsDue(Replica replica, DateTimeOffset now) =>
        replica.Phase == ReplicaPhase.OnTrial || (replica.Phase == ReplicaPhase.Ejected && replica.Until <= now);

    private static ReplicaChange Try(Replica replica)
    {
        replica.Phase = ReplicaPhase.OnTrial;
        replica.Forget();
        return new ReplicaChange(replica.Index, ReplicaPhase.OnTrial, null, "it is tried again");
    }

    // One whose time is over, or a trial that has nobody on it.
    private Replica? Trial(ReplicaHints hints, DateTimeOffset now)
    {
        var allDown = (InUse & ~hints.Down) == 0;
        foreach (var replica in _replicas)
        {
            var due = IsDue(replica, now) || (allDown && replica.Phase == ReplicaPhase.Ejected);
            if (due && replica.Outstanding == 0 && hints.Penalty(replica.Index) == 0)
            {
                return replica;
            }
        }

        return null;
    }

    // At least half are in use, so there always is one.
    private Replica Least(ReplicaHints hints)
    {
        Replica? least = null;
        var (leastPenalty, leastLoad) = (0, 0L);
        foreach (var replica in _replicas)
        {
            if (replica.Phase != ReplicaPhase.InUse)
            {
                continue;
            }

            var (penalty, load) = (hints.Penalty(replica.Index), Load(replica));
            if (least is null || penalty < leastPenalty || (penalty == leastPenalty && IsLess(load, replica, leastLoad, least)))
            {
                (least, leastPenalty, leastLoad) = (replica, penalty, load);
            }
        }

        return least!;
    }

    // Outstanding calls in turns, and up to one turn for its place among equals: so the weights hold without load too, when nothing is outstanding anywhere.
    private long Load(Replica replica) => (replica.Outstanding * replica.Stride) + Math.Max(0, replica.NextTurn - _turn);

    private static bool IsLess(long load, Replica replica, long otherLoad, Replica other) =>
        load < otherLoad || (load == otherLoad && replica.Outstanding < other.Outstanding);
}
