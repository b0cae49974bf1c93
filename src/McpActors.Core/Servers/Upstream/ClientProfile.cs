using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Servers.Upstream;

/// <summary>What a client said of itself when it opened its session; needed to open its upstream session, and to open it again.</summary>
/// <param name="Revision">The revision the client speaks with the gateway.</param>
/// <param name="Capabilities">Its <c>capabilities</c>, a JSON object in UTF-8.</param>
/// <param name="ClientInfo">Its <c>clientInfo</c>, a JSON object in UTF-8.</param>
public sealed record ClientProfile(ProtocolRevision Revision, ReadOnlyMemory<byte> Capabilities, ReadOnlyMemory<byte> ClientInfo)
{
    /// <summary>Equal when revision and both texts are equal byte for byte.</summary>
    public bool Equals(ClientProfile? other) => other is not null
        && Revision == other.Revision
        && Capabilities.Span.SequenceEqual(other.Capabilities.Span)
        && ClientInfo.Span.SequenceEqual(other.ClientInfo.Span);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Revision);
        hash.AddBytes(Capabilities.Span);
        hash.AddBytes(ClientInfo.Span);
        return hash.ToHashCode();
    }
}
