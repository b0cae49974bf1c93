using System.Globalization;

namespace McpActors.Core.Servers.Upstream;

/// <summary>One incarnation of an upstream connection: never reused. In a cluster its upper half tells the life of the node that holds it.</summary>
public readonly record struct ConnectionId(long Value)
{
    /// <summary>The life of the node that holds it.</summary>
    public int Node => (int)(Value >> 32);

    /// <inheritdoc />
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
