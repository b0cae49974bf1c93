namespace McpActors.Core.Servers.Lease;

/// <summary>
/// The version of a lease message. Ordered; a holder takes a message only when its epoch is higher than all it has taken, so what is late, repeated or
/// from an owner that was replaced changes nothing. Needs no journal: an owner that meets the epochs of a predecessor whose clock was ahead
/// goes above them.
/// </summary>
/// <param name="Started">When the owner's incarnation began, in UTC ticks; raised above what holders know.</param>
/// <param name="Owner">Names the owner's incarnation; never used again.</param>
/// <param name="Counter">Counts the owner's messages.</param>
public readonly record struct LeaseEpoch(long Started, long Owner, long Counter) : IComparable<LeaseEpoch>
{
    /// <summary>Whether there is none yet.</summary>
    public bool IsNone => this == default;

    /// <inheritdoc/>
    public int CompareTo(LeaseEpoch other)
    {
        var order = Started.CompareTo(other.Started);
        order = order != 0 ? order : Owner.CompareTo(other.Owner);
        return order != 0 ? order : Counter.CompareTo(other.Counter);
    }

    /// <summary>Whether this is older.</summary>
    public static bool operator <(LeaseEpoch left, LeaseEpoch right) => left.CompareTo(right) < 0;

    /// <summary>Whether this is newer.</summary>
    public static bool operator >(LeaseEpoch left, LeaseEpoch right) => left.CompareTo(right) > 0;

    /// <summary>Whether this is older or the same.</summary>
    public static bool operator <=(LeaseEpoch left, LeaseEpoch right) => left.CompareTo(right) <= 0;

    /// <summary>Whether this is newer or the same.</summary>
    public static bool operator >=(LeaseEpoch left, LeaseEpoch right) => left.CompareTo(right) >= 0;
}

/// <summary>One life of a node: a node that was restarted is another holder, and the leases of its former life run out.</summary>
/// <param name="Node">The node's address.</param>
/// <param name="Incarnation">Differs from life to life.</param>
public readonly record struct HolderId(string Node, long Incarnation)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Node}#{Incarnation}";
}
