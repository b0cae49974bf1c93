using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Endpoints;

/// <summary>A replica that is left out, for others that send to it too.</summary>
/// <param name="Endpoint">Its place in the configuration.</param>
/// <param name="Until">When it is tried again.</param>
public readonly record struct ReplicaEjection(int Endpoint, DateTimeOffset Until);

// Several nodes send to the same replicas: one of them hears what all of them see, and tells them what is left out.
public sealed partial class ReplicaBalancer
{
    /// <summary>Another number after each ejection and each replica taken back.</summary>
    public int Version { get; private set; }

    /// <summary>Those that are left out or on trial.</summary>
    public IReadOnlyList<ReplicaEjection> LeftOut =>
        Ejected == 0 ? [] : [.. _replicas.Where(replica => replica.Phase != ReplicaPhase.InUse).Select(replica => new ReplicaEjection(replica.Index, replica.Until))];

    /// <summary>
    /// Counts calls that another node sent there. At a replica whose time out is over they are its trial: a success takes it back, a failure leaves it out for longer.
    /// </summary>
    /// <param name="endpoint">The replica.</param>
    /// <param name="verdict">What all of them came to.</param>
    /// <param name="count">How many.</param>
    /// <param name="now">The time.</param>
    public ReplicaChange? Observe(int endpoint, CircuitVerdict verdict, int count, DateTimeOffset now)
    {
        var replica = _replicas[endpoint];
        ReplicaChange? change = null;
        for (var i = 0; i < count && verdict != CircuitVerdict.NoVerdict; i++)
        {
            if (replica.Phase == ReplicaPhase.Ejected)
            {
                if (replica.Until > now)
                {
                    // What was on its way when it was ejected says nothing new.
                    break;
                }

                Try(replica);
            }

            change = Judge(replica, verdict == CircuitVerdict.Success, now) ?? change;
        }

        return change;
    }

    /// <summary>Leaves a replica out because others have seen it fail; false where half of all are left out already.</summary>
    public bool LeaveOut(int endpoint, DateTimeOffset until)
    {
        var replica = _replicas[endpoint];
        if (replica.Phase == ReplicaPhase.InUse)
        {
            if (Ejected >= MostEjected)
            {
                return false;
            }

            Ejected++;
        }

        Version++;
        replica.Phase = ReplicaPhase.Ejected;
        replica.Until = until;
        return true;
    }

    /// <summary>Takes a replica back because others have seen it succeed.</summary>
    public void TakeBack(int endpoint, DateTimeOffset now)
    {
        var replica = _replicas[endpoint];
        if (replica.Phase == ReplicaPhase.InUse)
        {
            return;
        }

        replica.Forget();
        Readmit(replica, now);
    }
}
