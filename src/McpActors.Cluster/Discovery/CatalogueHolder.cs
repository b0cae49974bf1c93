using System.Collections.Immutable;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Routing;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Cluster.Discovery;

/// <summary>
/// The catalogue of this node. Its own file counts from the first moment, whatever the journal does, until the coordinator has told the cluster's revision;
/// entries made at run time are laid over it. Written by the node's <see cref="CatalogueAgent"/> alone, read by everybody.
/// </summary>
internal sealed class CatalogueHolder(IServerDefinitionReader reader, string node)
{
    private sealed record Snapshot(
        CatalogueFile Started,
        CatalogueFile Own,
        CatalogueFile File,
        UnreadableRevision? Unreadable,
        ImmutableDictionary<ServerId, OverlayEntry> Overlay,
        CatalogueAgreement? Agreement,
        SourcesState Sources,
        bool HasSources,
        MergedCatalogue Merged);

    private Snapshot _now = new(
        CatalogueFile.Empty,
        CatalogueFile.Empty,
        CatalogueFile.Empty,
        null,
        ImmutableDictionary<ServerId, OverlayEntry>.Empty,
        null,
        SourcesState.Initial,
        false,
        new MergedCatalogue(RouteTable.Empty, []));

    public RouteTable Table => Volatile.Read(ref _now).Merged.Table;

    /// <summary>This node's own file, as it was read last without faults.</summary>
    public CatalogueFile Own => Volatile.Read(ref _now).Own;

    /// <summary>The file in force: the own one, or the cluster's revision as this node reads it.</summary>
    public CatalogueFile File => Volatile.Read(ref _now).File;

    /// <summary>The cluster's revision, when this node cannot take it.</summary>
    public UnreadableRevision? Unreadable => Volatile.Read(ref _now).Unreadable;

    public CatalogueAgreement? Agreement => Volatile.Read(ref _now).Agreement;

    /// <summary>Whether the cluster's revision and its run-time entries are in force here: what is not in the catalogue then is not there, before that it may come yet.</summary>
    public bool IsInStep
    {
        get
        {
            var now = Volatile.Read(ref _now);
            return NodeRevision.Judge(now.Agreement?.Hash, now.File.Hash, now.Own.Hash, now.Unreadable?.Hash) is RevisionStanding.InStep or RevisionStanding.FileDiffers;
        }
    }

    /// <summary>Whether what the sources say was told here.</summary>
    public bool HasSources => Volatile.Read(ref _now).HasSources;

    public IReadOnlyList<OverlayEntry> Overlay => [.. Volatile.Read(ref _now).Overlay.Values.OrderBy(entry => entry.Server.Value, StringComparer.Ordinal)];

    /// <summary>What this node runs, and how that stands to what the cluster agreed on.</summary>
    public NodeRevision Revision
    {
        get
        {
            var now = Volatile.Read(ref _now);
            return new NodeRevision(
                node, now.Agreement?.Revision ?? -1, now.Agreement?.Hash ?? "", now.File.Hash, now.Own.Hash,
                NodeRevision.Judge(now.Agreement?.Hash, now.File.Hash, now.Own.Hash, now.Unreadable?.Hash))
            {
                Files = now.Own.Files,
                Faults = now.Unreadable?.Faults ?? [],
                // Of the cluster's keys only the limits wait for a start.
                NeedsRestart = ConfigurationDiff.RestartBetween(now.Started.Configuration, now.Own.Configuration with { Limits = now.File.Configuration.Limits }),
            };
        }
    }

    /// <summary>What the sources beside the configuration say.</summary>
    public SourcesState Sources => Volatile.Read(ref _now).Sources;

    /// <summary>Which sources the configuration in force names.</summary>
    public DiscoveryOptions Discovery => Volatile.Read(ref _now).File.Discovery;

    /// <summary>Entries this node cannot read.</summary>
    public IReadOnlyList<OverlayFault> Faults => Volatile.Read(ref _now).Merged.Faults;

    /// <summary>What every source says of every server, and what became of it.</summary>
    public IReadOnlyList<CatalogueClaim> Claims => Volatile.Read(ref _now).Merged.Claims;

    /// <summary>Whether this node's file, or another source below the run-time entries, has the server.</summary>
    public bool IsBelow(ServerId server) => Volatile.Read(ref _now).Merged.IsBelow(server);

    /// <summary>Reads a definition as it would count here.</summary>
    public ServerDefinitionResult Read(ServerId server, ReadOnlyMemory<byte> definition)
    {
        var now = Volatile.Read(ref _now);
        return reader.Read(server, definition, now.File.Defaults, now.Merged.Below.GetValueOrDefault(server));
    }

    /// <summary>The file that the node started with, before anything else.</summary>
    public void Start(CatalogueFile own) => Swap(_now with { Started = own, Own = own, File = own });

    /// <summary>
    /// Takes a new version of the own file. It is in force at once while the cluster has not spoken, or when it is what the cluster runs: its node keys, and what
    /// it refers to, may have changed.
    /// </summary>
    public CatalogueChanged TakeOwn(CatalogueFile own) =>
        _now.Agreement is not { Hash.Length: > 0 } agreed || agreed.Hash == own.Hash
            ? Swap(_now with { Own = own, File = own, Unreadable = null })
            : Swap(_now with { Own = own });

    /// <summary>Puts the cluster's revision in force.</summary>
    public CatalogueChanged Take(CatalogueFile file) => Swap(_now with { File = file, Unreadable = null });

    /// <summary>Notes that the cluster's revision cannot be taken: what was in force stays in force.</summary>
    public void Keep(UnreadableRevision unreadable) => Volatile.Write(ref _now, _now with { Unreadable = unreadable });

    /// <summary>Takes the whole overlay.</summary>
    public CatalogueChanged Take(CatalogueAgreement agreement, IEnumerable<OverlayEntry> overlay) =>
        Swap(_now with { Agreement = agreement, Overlay = overlay.ToImmutableDictionary(entry => entry.Server, entry => entry) });

    /// <summary>Takes one change. Null when others are missing between what is held and this one: ask for all.</summary>
    public CatalogueChanged? Take(CatalogueNews news)
    {
        var held = _now.Agreement?.Revision ?? 0;
        if (news.Revision <= held)
            return new CatalogueChanged(Table, Table, CatalogueDiff.None);
        if (_now.Agreement is null || news.Revision != held + 1)
            return null;
        var overlay = _now.Overlay;
        if (news.Put is { } put)
            overlay = overlay.SetItem(put.Server, put);
        if (news.Dropped is { } dropped)
            overlay = overlay.Remove(dropped);
        return Swap(_now with { Agreement = new CatalogueAgreement(news.Revision, news.Hash), Overlay = overlay });
    }

    /// <summary>Takes what the sources say.</summary>
    public CatalogueChanged Take(SourcesState sources) => Swap(_now with { Sources = sources, HasSources = true });

    private CatalogueChanged Swap(Snapshot next)
    {
        var old = Table;
        var merged = CatalogueMerge.Merge(next.File, next.Overlay.Values, next.Sources, next.Agreement?.Revision ?? 0, reader);
        Volatile.Write(ref _now, next with { Merged = merged });
        return new CatalogueChanged(old, merged.Table, CatalogueDiff.Between(old, merged.Table));
    }
}

/// <summary>The cluster's revision, which this node cannot take, and why: a variable or file is missing here, or its version is too old.</summary>
/// <param name="Hash">Hash of the revision's file.</param>
/// <param name="Faults">What is wrong.</param>
internal sealed record UnreadableRevision(string Hash, IReadOnlyList<string> Faults);
