using System.Collections.Immutable;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Core.Discovery;

/// <summary>What the cluster agreed on about its catalogue: the fold of the coordinator's events. Also its snapshot.</summary>
public sealed record DiscoveryState
{
    /// <summary>Before the first start.</summary>
    public static DiscoveryState Initial { get; } = new();

    /// <summary>Grows by one with each change of file or entry.</summary>
    public long Revision { get; init; }

    /// <summary>Hash of the file applied last; empty before the first.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Shards of the cluster; null before the first node.</summary>
    public int? Shards { get; init; }

    /// <summary>Run-time entries.</summary>
    public ImmutableDictionary<ServerId, OverlayEntry> Entries { get; init; } = ImmutableDictionary<ServerId, OverlayEntry>.Empty;

    /// <summary>The state after <paramref name="event"/>.</summary>
    /// <exception cref="InvalidOperationException">The event cannot follow upon this state: the journal is damaged or mixed up.</exception>
    public DiscoveryState Evolve(IDiscoveryEvent @event) => @event switch
    {
        ShardsFixed fixedShards when Shards is null => this with { Shards = fixedShards.Shards },
        FileApplied applied when applied.Revision == Revision + 1 => this with { Revision = applied.Revision, Hash = applied.Hash },
        EntryPut put when put.Revision == Revision + 1 => this with { Revision = put.Revision, Entries = Entries.SetItem(put.Entry.Server, put.Entry) },
        EntryDropped dropped when dropped.Revision == Revision + 1 && Entries.ContainsKey(dropped.Server) =>
            this with { Revision = dropped.Revision, Entries = Entries.Remove(dropped.Server) },
        _ => throw new InvalidOperationException($"{@event.GetType().Name} cannot follow upon revision {Revision} of the catalogue."),
    };
}

/// <summary>What the coordinator does about a command.</summary>
/// <param name="Event">What must be stored before the reply counts; null: nothing.</param>
/// <param name="Reply">The answer, once it is stored.</param>
/// <param name="News">What every node hears, once it is stored; null: nothing.</param>
public sealed record DiscoveryDecision(IDiscoveryEvent? Event, IReadOnlyList<IDiscoveryReply> Reply, CatalogueNews? News);

/// <summary>Decides about the catalogue. Pure: the time is an input.</summary>
public static class DiscoveryDecider
{
    /// <summary>Longest definition, bytes: it must fit a message between nodes.</summary>
    public const int MaxDefinitionBytes = 48 * 1024;

    /// <summary>Bytes of definitions in one page at most, except for a single larger one.</summary>
    private const int PageBytes = 32 * 1024;

    /// <summary>Answers a command.</summary>
    public static DiscoveryDecision Decide(DiscoveryState state, IDiscoveryCommand command, DateTimeOffset now) => command switch
    {
        Sync sync => DecideSync(state, sync, now),
        ApplyFile apply => apply.Hash == state.Hash
            ? Answer(new Stored(state.Revision, null))
            : Change(state, new FileApplied(state.Revision + 1, apply.Hash, now)),
        PutEntry put when put.Definition.Length > MaxDefinitionBytes =>
            Answer(new Refused($"the definition takes {put.Definition.Length} bytes, at most {MaxDefinitionBytes} are allowed")),
        PutEntry put => Change(state, new EntryPut(state.Revision + 1, new OverlayEntry(put.Server, put.Definition, put.Who, now))),
        RemoveEntry remove => DecideRemove(state, remove, now),
        DropEntry drop => state.Entries.ContainsKey(drop.Server)
            ? Change(state, new EntryDropped(state.Revision + 1, drop.Server, drop.Who, now))
            : Answer(new Missing(drop.Server)),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is no command of the catalogue."),
    };

    /// <summary>The whole catalogue in pages.</summary>
    public static IReadOnlyList<CataloguePage> Pages(DiscoveryState state)
    {
        var pages = new List<List<OverlayEntry>> { new() };
        var bytes = 0;
        foreach (var entry in state.Entries.Values.OrderBy(entry => entry.Server.Value, StringComparer.Ordinal))
        {
            var size = (entry.Definition?.Length ?? 0) + 256;
            if (bytes > 0 && bytes + size > PageBytes)
            {
                pages.Add([]);
                bytes = 0;
            }

            pages[^1].Add(entry);
            bytes += size;
        }

        return [.. pages.Select((entries, i) => new CataloguePage(state.Revision, state.Hash, entries, i == 0, i == pages.Count - 1))];
    }

    private static DiscoveryDecision DecideSync(DiscoveryState state, Sync sync, DateTimeOffset now)
    {
        if (state.Shards is { } expected && expected != sync.Shards)
            return Answer(new ShardsDiffer(expected));
        IReadOnlyList<IDiscoveryReply> reply = sync.Revision == state.Revision ? [new InStep(state.Revision, state.Hash)] : Pages(state);
        return new DiscoveryDecision(state.Shards is null ? new ShardsFixed(sync.Shards, now) : null, reply, null);
    }

    private static DiscoveryDecision DecideRemove(DiscoveryState state, RemoveEntry remove, DateTimeOffset now)
    {
        state.Entries.TryGetValue(remove.Server, out var entry);
        if (remove.InFile)
        {
            return entry is { Definition: null }
                ? Answer(new Missing(remove.Server))
                : Change(state, new EntryPut(state.Revision + 1, new OverlayEntry(remove.Server, null, remove.Who, now)));
        }

        return entry is null
            ? Answer(new Missing(remove.Server))
            : Change(state, new EntryDropped(state.Revision + 1, remove.Server, remove.Who, now));
    }

    private static DiscoveryDecision Change(DiscoveryState state, IDiscoveryEvent @event)
    {
        var next = state.Evolve(@event);
        var news = new CatalogueNews(next.Revision, next.Hash, (@event as EntryPut)?.Entry, (@event as EntryDropped)?.Server);
        return new DiscoveryDecision(@event, [new Stored(next.Revision, news)], news);
    }

    private static DiscoveryDecision Answer(IDiscoveryReply reply) => new(null, [reply], null);
}
