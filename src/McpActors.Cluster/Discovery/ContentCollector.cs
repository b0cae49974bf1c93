using McpActors.Core.Discovery;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>Puts the content of a revision together from parts that are asked for one after the other. A part that is late, or comes twice, changes nothing.</summary>
/// <param name="hash">Which content.</param>
/// <param name="size">Its bytes; null: as the first part says.</param>
internal sealed class ContentCollector(string hash, int? size = null)
{
    private byte[]? _bytes;
    private int _have;

    /// <summary>Which content.</summary>
    public string Hash => hash;

    /// <summary>The whole; null while parts are missing.</summary>
    public ReadOnlyMemory<byte>? Content => _bytes is { } whole && _have == whole.Length ? (ReadOnlyMemory<byte>?)whole : null;

    /// <summary>What to ask for, now or again.</summary>
    public GetContent Wanted => new(hash, _have);

    /// <summary>Takes a part. The question for the next one; null when it is complete, or this was not the part that is wanted.</summary>
    public GetContent? Add(ContentPart part)
    {
        if (part.Hash != hash || part.Offset != _have || part.Bytes.Length == 0 || part.Total > DiscoveryDecider.MaxContentBytes || (size ?? part.Total) != part.Total)
            return null;
        _bytes ??= new byte[part.Total];
        if (part.Total != _bytes.Length || part.Bytes.Length > _bytes.Length - _have)
            return null;
        part.Bytes.CopyTo(_bytes.AsMemory(_have));
        _have += part.Bytes.Length;
        return _have < _bytes.Length ? Wanted : null;
    }
}
