using System.Collections.Immutable;
using McpActors.Core.Discovery;
using McpActors.Core.Routing;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>
/// The catalogue of this node. Its file counts from the first moment, whatever the journal does; entries made at run time are laid over it when
/// the coordinator has told them. Written by the node's <see cref="CatalogueAgent"/> alone, read by everybody.
/// </summary>
internal sealed class CatalogueHolder(IServerDefinitionReader reader)
{
    private sealed record Snapshot(
        CatalogueFile File,
        ImmutableDictionary<ServerId, OverlayEntry> Overlay,
        CatalogueAgreement? Agreement,
        MergedCatalogue Merged);

    private Snapshot _now = new(
        CatalogueFile.Empty,
        ImmutableDictionary<ServerId, OverlayEntry>.Empty,
        null,
        new MergedCatalogue(RouteTable.Empty, []));

    public RouteTable Table => Volatile.Read(ref _now).Merged.Table;

    public CatalogueAgreement? Agreement => Volatile.Read(ref _now).Agreement;

    public IReadOnlyList<OverlayEntry> Overlay => [.. Volatile.Read(ref _now).Overlay.Values.OrderBy(entry => entry.Server.Value, StringComparer.Ordinal)];

    /// <summary>Entries this node cannot read.</summary>
    public IReadOnlyList<OverlayFault> Faults => Volatile.Read(ref _now).Merged.Faults;

    /// <summary>Whether this node's file has the server.</summary>
    public bool InFile(ServerId server) => Volatile.Read(ref _now).File.Servers.Any(known => known.Id == server);

    /// <summary>Reads a definition as it would count here.</summary>
    public ServerDefinitionResult Read(ServerId server, ReadOnlyMemory<byte> definition) =>
        reader.Read(server, definition, Volatile.Read(ref _now).File.Defaults);

    /// <summary>Puts a file in force.</summary>
    public CatalogueChanged Take(CatalogueFile file) => Swap(_now with { File = file });

    /// <summary>Takes the whole overlay.</summary>
    public CatalogueChanged Take(CatalogueAgreement agreement, IEnumerable<OverlayEntry> overlay) =>
        Swap(_now with { Agreement = agreement, Overlay = overlay.ToImmutableDictionary(entry => entry.Server, entry => entry) });

    /// <summary>Takes one change. Null when others are missing between what is held and this one: ask for all.</summary>
    public CatalogueChanged? Take(CatalogueNews news)
    {
        var held = _now.Agreement?.Revision ?? 0;
        if (news.Revision <= held)
            return new CatalogueChanged(Table, Table, CatalogueDiff.Between(Table, Table));
        if (_now.Agreement is null || news.Revision != held + 1)
            return null;
        var overlay = _now.Overlay;
        if (news.Put is { } put)
            overlay = overlay.SetItem(put.Server, put);
        if (news.Dropped is { } dropped)
            overlay = overlay.Remove(dropped);
        return Swap(_now with { Agreement = new CatalogueAgreement(news.Revision, news.Hash), Overlay = overlay });
    }

    private CatalogueChanged Swap(Snapshot next)
    {
        var old = Table;
        var merged = CatalogueMerge.Merge(next.File, next.Overlay.Values, next.Agreement?.Revision ?? 0, reader);
        Volatile.Write(ref _now, next with { Merged = merged });
        return new CatalogueChanged(old, merged.Table, CatalogueDiff.Between(old, merged.Table));
    }
}
