using System.Globalization;

namespace McpActors.Core.Servers.Upstream;

/// <summary>One incarnation of an upstream connection: never reused, unique in its node.</summary>
public readonly record struct ConnectionId(long Value)
{
    /// <inheritdoc />
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
