using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Servers.Upstream;

/// <summary>What an upstream said of itself: from <c>initialize</c> or <c>server/discover</c>.</summary>
/// <param name="Revision">The revision spoken with it.</param>
/// <param name="Capabilities">Its <c>capabilities</c>, a JSON object in UTF-8.</param>
/// <param name="ServerInfo">Its <c>serverInfo</c>, a JSON object in UTF-8; <c>{}</c> when it gave none.</param>
/// <param name="Instructions">Its instructions to the model, if any.</param>
/// <param name="Ttl">How long a discover result stays fresh; null where the peer said nothing.</param>
public sealed record PeerInfo(
    ProtocolRevision Revision,
    ReadOnlyMemory<byte> Capabilities,
    ReadOnlyMemory<byte> ServerInfo,
    string? Instructions,
    TimeSpan? Ttl = null)
{
    /// <summary>Equal when everything is equal, the texts byte for byte.</summary>
    public bool Equals(PeerInfo? other) => other is not null
        && Revision == other.Revision
        && Capabilities.Span.SequenceEqual(other.Capabilities.Span)
        && ServerInfo.Span.SequenceEqual(other.ServerInfo.Span)
        && Instructions == other.Instructions
        && Ttl == other.Ttl;

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Revision);
        hash.AddBytes(Capabilities.Span);
        hash.AddBytes(ServerInfo.Span);
        hash.Add(Instructions);
        return hash.ToHashCode();
    }
}
