using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Servers.Lease;

/// <summary>What a call is to do.</summary>
public enum LeaseVerdict
{
    /// <summary>Go.</summary>
    Admitted,

    /// <summary>Wait for a permit of this node; a signal will tell.</summary>
    Queued,

    /// <summary>Ask the owner: it may know more, or have permits.</summary>
    AskOwner,

    /// <summary>Be refused.</summary>
    Refused,
}

/// <summary>Why a call does not go under the lease; bounded, so it may label a metric.</summary>
public enum LeaseReason
{
    /// <summary>It does.</summary>
    None,

    /// <summary>There is no lease yet, or it was given back.</summary>
    NoLease,

    /// <summary>There is a lease, but not for this call here: how to connect, or the tool, is not known on this node as the owner knows it.</summary>
    NotKnownHere,

    /// <summary>The lease has no permits.</summary>
    NoPermits,

    /// <summary>The owner's circuit is open.</summary>
    CircuitOpen,

    /// <summary>The owner's circuit is about to be probed, or is being probed: probes are counted by the owner.</summary>
    Probing,

    /// <summary>This node's own outcomes opened the circuit here; the owner has not judged them yet.</summary>
    OpenedHere,

    /// <summary>The lease ran out because the owner did not answer.</summary>
    OwnerUnreachable,

    /// <summary>All permits are taken, and all places in the queue.</summary>
    QueueFull,

    /// <summary>The call's deadline has passed.</summary>
    DeadlinePassed,
}

/// <summary>What an admitted attempt hands back with its outcome.</summary>
/// <param name="Owner">The owner's incarnation under whose lease it was admitted.</param>
/// <param name="Phase">The phase of that owner's circuit.</param>
/// <param name="Local">The ticket of this node's own circuit.</param>
public readonly record struct LeaseTicket(long Owner, long Phase, CircuitTicket Local);

/// <summary>A lease's answer to a call.</summary>
/// <param name="Verdict">What the call is to do.</param>
/// <param name="Reason">Why, unless it goes.</param>
/// <param name="Ticket">Of the attempt, when it goes.</param>
/// <param name="RetryAfter">When refused: when asking again makes sense, if that is known.</param>
public readonly record struct LeaseAdmission(LeaseVerdict Verdict, LeaseReason Reason = LeaseReason.None, LeaseTicket Ticket = default, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether the call may go.</summary>
    public bool IsAdmitted => Verdict == LeaseVerdict.Admitted;
}

/// <summary>All that can be shown of a holder's lease.</summary>
/// <param name="Epoch">The last message taken.</param>
/// <param name="Permits">Permits that new calls may use.</param>
/// <param name="InUse">Calls on their way.</param>
/// <param name="Queued">Calls that wait here.</param>
/// <param name="GoodUntil">When it runs out unless it is renewed.</param>
/// <param name="InGrace">Whether the owner has been silent for longer than the lease's ttl.</param>
/// <param name="Circuit">The owner's circuit as last heard.</param>
/// <param name="OpenedHere">Whether this node's own outcomes stopped it.</param>
public sealed record LeaseSnapshot(
    LeaseEpoch Epoch, int Permits, int InUse, int Queued, DateTimeOffset GoodUntil, bool InGrace, CircuitState Circuit, bool OpenedHere);
