using System.Globalization;
using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Endpoints;

/// <summary>
/// Chooses the replica of a server for each call, the one with the least outstanding calls for its weight, and leaves out for a while what does worse than it
/// should; never more than half of them. InUse → Ejected → OnTrial → InUse or Ejected. In place, allocates only upon a change; owned by one actor; time and randomness
/// are inputs. The circuit of the server is another machine: it judges all replicas together.
/// </summary>
public sealed class ReplicaBalancer
{
    // How much better the others must do before a rate makes an outlier.
    private const double BetterBy = 0.5;

    private readonly EjectionOptions _options;
    private readonly Replica[] _replicas;

    /// <summary>All in use.</summary>
    /// <param name="weights">One for each replica, at least 1.</param>
    /// <param name="options">When to eject.</param>
    public ReplicaBalancer(IReadOnlyList<int> weights, EjectionOptions options)
    {
        EjectionOptions.Rules.ThrowIfBroken(options);
        ArgumentOutOfRangeException.ThrowIfZero(weights.Count);
        _options = options;
        _replicas = new Replica[weights.Count];
        for (var i = 0; i < weights.Count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(weights[i], 1);
            _replicas[i] = new Replica(i, weights[i], options.Window);
        }
    }

    /// <summary>How many are left out or on trial.</summary>
    public int Ejected { get; private set; }

    /// <summary>How many may be ejected at once: half of them.</summary>
    public int MostEjected => _replicas.Length / 2;

    /// <summary>
    /// Chooses a replica and counts the call there; <see cref="Record"/> ends it. One that was ejected for long enough goes first, with one call.
    /// </summary>
    /// <param name="random">In [0, 1): decides between equals.</param>
    /// <param name="now">The time.</param>
    /// <param name="avoid">The replica that failed before, which is chosen only when there is no other; -1: none.</param>
    /// <param name="change">A replica that is tried again by this call.</param>
    public int Pick(double random, DateTimeOffset now, int avoid, out ReplicaChange? change)
    {
        change = null;
        var tried = Trial(avoid, now);
        if (tried is { Phase: ReplicaPhase.Ejected })
        {
            tried.Phase = ReplicaPhase.OnTrial;
            tried.Forget();
            change = new ReplicaChange(tried.Index, ReplicaPhase.OnTrial, null, "its time out passed");
        }

        var chosen = tried ?? Least(random, avoid) ?? Least(random, -1)!;
        chosen.Outstanding++;
        return chosen.Index;
    }

    /// <summary>Counts a call at a replica that is not chosen but given: where a session lives.</summary>
    public void Hold(int endpoint) => _replicas[endpoint].Outstanding++;

    /// <summary>Ends a call.</summary>
    public ReplicaChange? Record(int endpoint, in AttemptOutcome outcome, DateTimeOffset now)
    {
        var replica = _replicas[endpoint];
        replica.Outstanding = Math.Max(0, replica.Outstanding - 1);
        if (outcome.Verdict == CircuitVerdict.NoVerdict || replica.Phase == ReplicaPhase.Ejected)
        {
            // What was on its way when it was ejected says nothing new.
            return null;
        }

        var success = outcome.Verdict == CircuitVerdict.Success;
        replica.Count(success, now);
        if (success)
        {
            return MakeGood(replica, now);
        }

        return Fault(replica, now) is { } reason ? Eject(replica, reason, now) : null;
    }

    /// <summary>What can be shown.</summary>
    public IReadOnlyList<ReplicaSnapshot> Snapshot() =>
        [.. _replicas.Select(r => new ReplicaSnapshot(
            r.Index, r.Weight, r.Phase, r.Phase == ReplicaPhase.Ejected ? r.Until : null, r.Outstanding, r.ConsecutiveFailures))];

    // One whose time is over, or a trial that has nobody on it.
    private Replica? Trial(int avoid, DateTimeOffset now)
    {
        foreach (var replica in _replicas)
        {
            var due = replica.Phase == ReplicaPhase.OnTrial || (replica.Phase == ReplicaPhase.Ejected && replica.Until <= now);
            if (due && replica.Outstanding == 0 && replica.Index != avoid)
            {
                return replica;
            }
        }

        return null;
    }

    // At least half are in use; only with one to be avoided may there be none.
    private Replica? Least(double random, int avoid)
    {
        Replica? least = null;
        var equals = 0;
        foreach (var replica in _replicas)
        {
            if (replica.Phase == ReplicaPhase.InUse && replica.Index != avoid)
            {
                var order = least is null ? -1 : Compare(replica, least);
                equals = order < 0 ? 1 : order == 0 ? equals + 1 : equals;
                least = order < 0 ? replica : least;
            }
        }

        var skip = (int)(random * equals);
        foreach (var replica in _replicas)
        {
            if (replica.Phase == ReplicaPhase.InUse && replica.Index != avoid && Compare(replica, least!) == 0 && skip-- == 0)
            {
                return replica;
            }
        }

        return least;
    }

    // (outstanding + 1) / weight of one against the other's, without a division.
    private static int Compare(Replica one, Replica other) =>
        ((one.Outstanding + 1L) * other.Weight).CompareTo((other.Outstanding + 1L) * one.Weight);

    private ReplicaChange? MakeGood(Replica replica, DateTimeOffset now)
    {
        if (replica.Phase == ReplicaPhase.OnTrial)
        {
            replica.Phase = ReplicaPhase.InUse;
            Ejected--;
            replica.GoodSince = now;
            return new ReplicaChange(replica.Index, ReplicaPhase.InUse, null, "it answered again");
        }

        if (replica.Ejections > 0 && now - replica.GoodSince >= EjectionTime(replica.Ejections))
        {
            replica.Ejections--;
            replica.GoodSince = now;
        }

        return null;
    }

    private string? Fault(Replica replica, DateTimeOffset now)
    {
        if (replica.Phase == ReplicaPhase.OnTrial)
        {
            return "it failed its trial";
        }

        if (replica.ConsecutiveFailures >= _options.ConsecutiveFailures)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{replica.ConsecutiveFailures} failures in a row");
        }

        if (replica.Calls < _options.MinimumCalls || replica.Failures < _options.FailureRate * replica.Calls)
        {
            return null;
        }

        var (calls, failures) = (0, 0);
        foreach (var other in _replicas)
        {
            if (other != replica)
            {
                other.Expire(now);
                calls += other.Calls;
                failures += other.Failures;
            }
        }

        // Where all do badly nobody is an outlier: that is the circuit's to judge.
        var rate = (double)replica.Failures / replica.Calls;
        return calls > 0 && (double)failures / calls <= rate * BetterBy
            ? string.Create(CultureInfo.InvariantCulture, $"{replica.Failures} of {replica.Calls} calls failed, of the others' {failures} of {calls}")
            : null;
    }

    private ReplicaChange? Eject(Replica replica, string reason, DateTimeOffset now)
    {
        if (replica.Phase == ReplicaPhase.InUse)
        {
            if (Ejected >= MostEjected)
            {
                return null;
            }

            Ejected++;
        }

        replica.Ejections++;
        replica.Phase = ReplicaPhase.Ejected;
        replica.Until = now + EjectionTime(replica.Ejections);
        return new ReplicaChange(replica.Index, ReplicaPhase.Ejected, replica.Until, reason);
    }

    private TimeSpan EjectionTime(int ejections)
    {
        var time = _options.EjectFor * ejections;
        return time < _options.MaxEjectFor ? time : _options.MaxEjectFor;
    }
}
