using System.Collections.Immutable;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.DiscoveryProtocol;

namespace McpActors.Core.Discovery;

/// <summary>What the cluster agreed on about its catalogue: the fold of the coordinator's events. Also its snapshot.</summary>
public sealed record DiscoveryState
{
    /// <summary>Nodes whose last offer is remembered; the one that offered longest ago is forgotten first.</summary>
    public const int MaxOffers = 512;

    /// <summary>Applied files that are remembered.</summary>
    public const int MaxApplied = 32;

    /// <summary>Before the first start.</summary>
    public static DiscoveryState Initial { get; } = new();

    /// <summary>Grows by one with each change of file or entry.</summary>
    public long Revision { get; init; }

    /// <summary>Hash of the file applied last; empty before the first.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Its content; null before the first, and when a version applied it that kept the hash alone.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>What each node offered last, by node.</summary>
    public ImmutableDictionary<string, FileOffer> Offers { get; init; } = ImmutableDictionary<string, FileOffer>.Empty;

    /// <summary>Hashes of the files applied last, the newest at the end.</summary>
    public ImmutableList<string> Applied { get; init; } = [];

    /// <summary>Shards of the cluster; null before the first node.</summary>
    public int? Shards { get; init; }

    /// <summary>Run-time entries.</summary>
    public ImmutableDictionary<ServerId, OverlayEntry> Entries { get; init; } = ImmutableDictionary<ServerId, OverlayEntry>.Empty;

    /// <summary>The state after <paramref name="event"/>.</summary>
    /// <exception cref="InvalidOperationException">The event cannot follow upon this state: the journal is damaged or mixed up.</exception>
    public DiscoveryState Evolve(IDiscoveryEvent @event) => @event switch
    {
        ShardsFixed fixedShards when Shards is null => this with { Shards = fixedShards.Shards },
        FileApplied applied when applied.Revision == Revision + 1 => WithOffer(applied.Node, applied.Hash, applied.At) with
        {
            Revision = applied.Revision,
            Hash = applied.Hash,
            Content = applied.Content,
            Applied = [.. Applied.Remove(applied.Hash).TakeLast(MaxApplied - 1), applied.Hash],
        },
        FileOffered offered => WithOffer(offered.Node, offered.Hash, offered.At),
        EntryPut put when put.Revision == Revision + 1 => this with { Revision = put.Revision, Entries = Entries.SetItem(put.Entry.Server, put.Entry) },
        EntryDropped dropped when dropped.Revision == Revision + 1 && Entries.ContainsKey(dropped.Server) =>
            this with { Revision = dropped.Revision, Entries = Entries.Remove(dropped.Server) },
        _ => throw new InvalidOperationException($"{@event.GetType().Name} cannot follow upon revision {Revision} of the catalogue."),
    };

    private DiscoveryState WithOffer(string node, string hash, DateTimeOffset at)
    {
        if (node.Length == 0)
            return this;
        var offers = Offers.SetItem(node, new FileOffer(hash, at));
        if (offers.Count > MaxOffers)
            offers = offers.Remove(offers.Where(offer => offer.Key != node).MinBy(offer => (offer.Value.At, offer.Key)).Key);
        return this with { Offers = offers };
    }
}

/// <summary>The file that a node offered last.</summary>
public sealed record FileOffer(string Hash, DateTimeOffset At);

/// <summary>What the coordinator does about a command.</summary>
/// <param name="Event">What must be stored before the reply counts; null: nothing.</param>
/// <param name="Reply">The answer, once it is stored.</param>
public sealed record DiscoveryDecision(IDiscoveryEvent? Event, IReadOnlyList<IDiscoveryReply> Reply);

/// <summary>Decides about the catalogue. Pure: the time is an input.</summary>
public static class DiscoveryDecider
{
    /// <summary>Longest definition, bytes: it must fit a message between nodes.</summary>
    public const int MaxDefinitionBytes = 48 * 1024;

    /// <summary>Longest content of a file, bytes: 10,000 servers take a few hundred thousand.</summary>
    public const int MaxContentBytes = 8 << 20;

    /// <summary>Bytes of content in one message.</summary>
    public const int PartBytes = 48 * 1024;

    /// <summary>Bytes of definitions in one page at most, except for a single larger one.</summary>
    private const int PageBytes = 32 * 1024;

    /// <summary>Answers a command.</summary>
    /// <param name="state">What holds now.</param>
    /// <param name="command">The command.</param>
    /// <param name="now">The time.</param>
    /// <param name="content">The content that belongs to an <see cref="ApplyFile"/>; null while it has not been collected.</param>
    public static DiscoveryDecision Decide(DiscoveryState state, IDiscoveryCommand command, DateTimeOffset now, ReadOnlyMemory<byte>? content = null) => command switch
    {
        Sync sync => DecideSync(state, sync, now),
        ApplyFile apply => DecideFile(state, apply, now, content),
        GetContent get => Answer(Part(get, get.Hash == state.Hash ? state.Content : null)),
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

    /// <summary>The part of a content that was asked for; of none, an empty one.</summary>
    public static ContentPart Part(GetContent asked, ReadOnlyMemory<byte>? content) => content is { } whole && asked.Offset >= 0 && asked.Offset <= whole.Length
        ? new ContentPart(asked.Hash, asked.Offset, whole.Length, whole.Slice(asked.Offset, Math.Min(PartBytes, whole.Length - asked.Offset)))
        : new ContentPart(asked.Hash, asked.Offset, 0, default);

    private static DiscoveryDecision DecideFile(DiscoveryState state, ApplyFile apply, DateTimeOffset now, ReadOnlyMemory<byte>? content)
    {
        var verdict = FileRule.Judge(state, apply);
        if (verdict != FileVerdict.Apply)
        {
            IDiscoveryReply reply = verdict == FileVerdict.InForce ? new Stored(state.Revision, null) { Offer = apply.Hash } : new FileKept(state.Revision, state.Hash, apply.Hash);
            var known = apply.Node.Length == 0 || state.Offers.GetValueOrDefault(apply.Node)?.Hash == apply.Hash;
            return new DiscoveryDecision(known ? null : new FileOffered(apply.Node, apply.Hash, now), [reply]);
        }

        if (apply.Size is < 0 or > MaxContentBytes)
            return Answer(Refused.Of(apply, $"the cluster part of the file takes {apply.Size} bytes when packed, at most {MaxContentBytes} are allowed"));
        if (apply.Size == 0)
            content = ReadOnlyMemory<byte>.Empty;
        return content is null
            ? Answer(new GetContent(apply.Hash, 0))
            : Change(state, new FileApplied(state.Revision + 1, apply.Hash, now) { Content = content, Node = apply.Node });
    }

    private static DiscoveryDecision DecideSync(DiscoveryState state, Sync sync, DateTimeOffset now)
    {
        if (state.Shards is { } expected && expected != sync.Shards)
            return Answer(new ShardsDiffer(expected));
        IReadOnlyList<IDiscoveryReply> reply = sync.Revision == state.Revision ? [new InStep(state.Revision, state.Hash)] : Pages(state);
        return new DiscoveryDecision(state.Shards is null ? new ShardsFixed(sync.Shards, now) : null, reply);
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
        return new DiscoveryDecision(@event, [new Stored(next.Revision, CatalogueNews.Of(next, @event)) { Offer = (@event as FileApplied)?.Hash ?? "" }]);
    }

    private static DiscoveryDecision Answer(IDiscoveryReply reply) => new(null, [reply]);
}
