using System.Globalization;

namespace McpActors.Core.Servers.Endpoints;

// When a replica is left out, for how long, and how it comes back.
public sealed partial class ReplicaBalancer
{
    private ReplicaChange? MakeGood(Replica replica, DateTimeOffset now)
    {
        if (replica.Phase == ReplicaPhase.OnTrial)
        {
            Readmit(replica, now);
            return new ReplicaChange(replica.Index, ReplicaPhase.InUse, null, "it answered again");
        }

        if (replica.Ejections > 0 && now - replica.GoodSince >= EjectionTime(replica.Ejections))
        {
            replica.Ejections--;
            replica.GoodSince = now;
        }

        return null;
    }

    private void Readmit(Replica replica, DateTimeOffset now)
    {
        replica.Phase = ReplicaPhase.InUse;
        replica.GoodSince = now;
        Ejected--;
        Version++;
    }

    private ReplicaChange? Judge(Replica replica, bool success, DateTimeOffset now)
    {
        replica.Count(success, now);
        return success ? MakeGood(replica, now) : Fault(replica, now) is { } reason ? Eject(replica, reason, now) : null;
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

        // Where all do badly nobody is an outlier: that is the circuit's to judge.
        return OthersDoBetter(replica, now, out var calls, out var failures)
            ? string.Create(CultureInfo.InvariantCulture, $"{replica.Failures} of {replica.Calls} calls failed, of the others' {failures} of {calls}")
            : null;
    }

    private bool OthersDoBetter(Replica replica, DateTimeOffset now, out int calls, out int failures)
    {
        (calls, failures) = (0, 0);
        replica.Expire(now);
        foreach (var other in _replicas)
        {
            if (other != replica && other.Phase == ReplicaPhase.InUse)
            {
                other.Expire(now);
                calls += other.Calls;
                failures += other.Failures;
            }
        }

        // One that is left out has no calls to be judged by; what fails there still, fails where all failed before.
        var rate = replica.Calls == 0 ? 1 : (double)replica.Failures / replica.Calls;
        return calls > 0 && (double)failures / calls <= rate * BetterBy;
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

        Version++;
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
