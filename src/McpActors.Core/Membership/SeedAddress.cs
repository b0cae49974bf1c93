using System.Net;

namespace McpActors.Core.Membership;

/// <summary>Where a node can be reached, found by name. Ordered by the bytes of the address, then the port: every node sorts alike, whatever its language.</summary>
/// <param name="Ip">The address.</param>
/// <param name="Port">1 to 65,535.</param>
public readonly record struct SeedAddress(IPAddress Ip, int Port) : IComparable<SeedAddress>
{
    /// <inheritdoc/>
    public int CompareTo(SeedAddress other)
    {
        var order = Ip.GetAddressBytes().AsSpan().SequenceCompareTo(other.Ip.GetAddressBytes());
        return order != 0 ? order : Port.CompareTo(other.Port);
    }

    /// <inheritdoc/>
    public override string ToString() => new IPEndPoint(Ip, Port).ToString();

    /// <summary>Whether one stands before the other.</summary>
    public static bool operator <(SeedAddress left, SeedAddress right) => left.CompareTo(right) < 0;

    /// <summary>Whether one stands behind the other.</summary>
    public static bool operator >(SeedAddress left, SeedAddress right) => left.CompareTo(right) > 0;

    /// <summary>Whether one does not stand behind the other.</summary>
    public static bool operator <=(SeedAddress left, SeedAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one does not stand before the other.</summary>
    public static bool operator >=(SeedAddress left, SeedAddress right) => left.CompareTo(right) >= 0;
}
