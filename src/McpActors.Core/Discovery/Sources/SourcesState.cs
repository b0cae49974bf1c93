using System.Collections.Immutable;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Core.Discovery.Sources;

/// <summary>What all sources say, and what was decided about it: the fold of the coordinator's events. Also its snapshot, and what each node holds.</summary>
public sealed record SourcesState
{
    /// <summary>Before the first source answered.</summary>
    public static SourcesState Initial { get; } = new();

    /// <summary>Grows by one with each change.</summary>
    public long Revision { get; init; }

    /// <summary>The sources that answered once, with their servers by id.</summary>
    public ImmutableSortedDictionary<SourceName, ImmutableSortedDictionary<string, DiscoveredServer>> Sources { get; init; } =
        ImmutableSortedDictionary.Create<SourceName, ImmutableSortedDictionary<string, DiscoveredServer>>(SourceName.Order);

    /// <summary>What was decided, by source and server: the last approval, and the rejection after it, if there is one.</summary>
    public ImmutableDictionary<(SourceName Source, ServerId Server), Judgements> Judged { get; init; } =
        ImmutableDictionary<(SourceName Source, ServerId Server), Judgements>.Empty;

    private static ImmutableSortedDictionary<string, DiscoveredServer> NoServers { get; } =
        ImmutableSortedDictionary.Create<string, DiscoveredServer>(StringComparer.Ordinal);

    /// <summary>The servers of a source.</summary>
    public ImmutableSortedDictionary<string, DiscoveredServer> ServersOf(SourceName source) => Sources.GetValueOrDefault(source) ?? NoServers;

    /// <summary>What was decided about a server of a source.</summary>
    public Judgements JudgedOf(SourceName source, ServerId server) => Judged.GetValueOrDefault((source, server)) ?? Judgements.None;

    /// <summary>The state after <paramref name="event"/>.</summary>
    /// <exception cref="InvalidOperationException">The event cannot follow upon this state: the journal is damaged or mixed up.</exception>
    public SourcesState Evolve(ISourcesEvent @event) => @event switch
    {
        _ when @event.Revision != Revision + 1 => throw Impossible(@event),
        SourceChanged changed => With(changed.Source, changed.Put, changed.Dropped) with { Revision = changed.Revision },
        SourceForgotten forgotten when Sources.ContainsKey(forgotten.Source) =>
            this with { Revision = forgotten.Revision, Sources = Sources.Remove(forgotten.Source) },
        SourcesProtocol.Judged judged => With(judged.Judgement) with { Revision = judged.Revision },
        _ => throw Impossible(@event),
    };

    /// <summary>The state that pages hold.</summary>
    public static SourcesState From(long revision, IEnumerable<SourcesItem> items) => items.Aggregate(Initial with { Revision = revision }, static (state, item) => item switch
    {
        { Judgement: { } judgement } => state.With(judgement),
        { Server: { } server } => state.With(item.Source, [server], []),
        _ => state.With(item.Source, [], []),
    });

    /// <summary>Everything as items of pages.</summary>
    public IEnumerable<SourcesItem> Items() =>
    [
        .. Sources.Keys.Select(static source => new SourcesItem(source, null, null)),
        .. Sources.SelectMany(static pair => pair.Value.Values.Select(server => new SourcesItem(pair.Key, server, null))),
        // The approval first: what came after it is laid over it.
        .. Judged.OrderBy(static pair => pair.Key.Source, SourceName.Order).ThenBy(static pair => pair.Key.Server.Value, StringComparer.Ordinal).SelectMany(static pair => pair.Value.InOrder)
            .Select(static judgement => new SourcesItem(judgement.Source, null, judgement)),
    ];

    private SourcesState With(SourceName source, IReadOnlyList<DiscoveredServer> put, IReadOnlyList<ServerId> dropped) => this with
    {
        Sources = Sources.SetItem(source, ServersOf(source).RemoveRange(dropped.Select(static id => id.Value)).SetItems(put.Select(static server => KeyValuePair.Create(server.Id.Value, server)))),
    };

    private SourcesState With(Judgement judgement)
    {
        var key = (judgement.Source, judgement.Server.Id);
        return this with { Judged = Judged.SetItem(key, JudgedOf(key.Source, key.Id).With(judgement)) };
    }

    private InvalidOperationException Impossible(ISourcesEvent @event) =>
        new($"{@event.GetType().Name} cannot follow upon revision {Revision} of the sources.");
}

/// <summary>What was decided about a server of a source.</summary>
/// <param name="Approved">The definition that may be used; null when there is none.</param>
/// <param name="Rejected">The definition that was rejected last; null when there is none.</param>
public sealed record Judgements(Judgement? Approved, Judgement? Rejected)
{
    /// <summary>Nothing was decided.</summary>
    public static Judgements None { get; } = new(null, null);

    /// <summary>In the order in which they make this.</summary>
    public IEnumerable<Judgement> InOrder => new[] { Approved, Rejected }.OfType<Judgement>();

    /// <summary>With one more. Rejecting what is approved takes the approval back; rejecting its successor leaves it.</summary>
    public Judgements With(Judgement judgement) => judgement.IsApproved
        ? new Judgements(judgement, Rejected?.Hash == judgement.Hash ? null : Rejected)
        : new Judgements(Approved?.Hash == judgement.Hash ? null : Approved, judgement);
}
