using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Gateway.Front.Aggregate;

/// <summary>One page of a merged list.</summary>
/// <param name="Items">A JSON array.</param>
/// <param name="Next">Where the next page begins; null on the last.</param>
internal sealed record MergedPage(ReadOnlyMemory<byte> Items, string? Next);

/// <summary>
/// Merges the lists of all servers, page by page: servers in the order of their ids, entries in the order of their server, names prefixed.
/// Pages are kept for as long as no list behind them changes.
/// </summary>
internal sealed class MergedList
{
    /// <summary>Entries of one page at most.</summary>
    public const int PageEntries = 1_000;

    /// <summary>Bytes of one page, about.</summary>
    public const int PageBytes = 1 << 20;

    private const int PagesKept = 64;

    private readonly ConcurrentDictionary<(UInt128 Hash, ListKind Kind, string Server, int Index), MergedPage> _pages = new();

    /// <summary>The page that begins at a cursor.</summary>
    public MergedPage Page(IReadOnlyList<Contribution> contributions, ListKind kind, AggregateCursor? from)
    {
        var hash = CatalogueGathering.HashOf(contributions, (ListKinds)(1 << (int)kind));
        var key = (hash, kind, from?.Server ?? "", from?.Index ?? 0);
        if (_pages.TryGetValue(key, out var page))
            return page;
        page = Build(contributions, kind, from);
        if (_pages.Count >= PagesKept)
            _pages.Clear();
        _pages[key] = page;
        return page;
    }

    /// <summary>How long the merged list is fresh, and for whom: as the least of its parts.</summary>
    public static (TimeSpan Ttl, CacheScope Scope) Freshness(IReadOnlyList<Contribution> contributions, ListKind kind, DateTimeOffset now)
    {
        var ttl = TimeSpan.MaxValue;
        var scope = CacheScope.Public;
        foreach (var contribution in contributions)
        {
            var copy = contribution.Catalogue?[kind];
            if (contribution.Unavailable is not null)
                ttl = TimeSpan.Zero;
            if (copy is null)
                continue;
            var remaining = copy.RemainingTtl(now);
            ttl = remaining < ttl ? remaining : ttl;
            if (copy.Scope == CacheScope.Private)
                scope = CacheScope.Private;
        }

        return ttl == TimeSpan.MaxValue ? (TimeSpan.Zero, CacheScope.Private) : (ttl, scope);
    }

    private static MergedPage Build(IReadOnlyList<Contribution> contributions, ListKind kind, AggregateCursor? from)
    {
        var winners = kind is ListKind.Resources or ListKind.ResourceTemplates ? Winners(contributions, kind) : null;
        var items = new ArrayBufferWriter<byte>();
        var count = 0;
        items.Write("["u8);
        foreach (var contribution in contributions)
        {
            var order = from is { } cursor ? string.CompareOrdinal(contribution.Server.Id.Value, cursor.Server) : 1;
            if (order < 0 || contribution.Catalogue?[kind] is not { } copy)
                continue;
            for (var i = order == 0 ? from!.Value.Index : 0; i < copy.Items.Count; i++)
            {
                var item = copy.Items[i];
                if (Skips(contribution, kind, item, winners))
                    continue;
                if (count == PageEntries || items.WrittenCount > PageBytes)
                    return Finish(items, new AggregateCursor(kind, contribution.Server.Id.Value, i).Encode());
                if (count++ > 0)
                    items.Write(","u8);
                WriteItem(items, contribution.Server.Id, copy, item);
            }
        }

        return Finish(items, null);
    }

    private static MergedPage Finish(ArrayBufferWriter<byte> items, string? next)
    {
        items.Write("]"u8);
        return new MergedPage(items.WrittenSpan.ToArray(), next);
    }

    private static bool Skips(Contribution contribution, ListKind kind, ListItem item, Dictionary<string, string>? winners) =>
        winners is not null
            ? winners[item.Name] != contribution.Server.Id.Value
            : kind == ListKind.Tools && contribution.Server.Tool(item.Name).Hidden;

    /// <summary>A URI that two servers have belongs to the one whose id comes first; a list must not hold it twice.</summary>
    private static Dictionary<string, string> Winners(IReadOnlyList<Contribution> contributions, ListKind kind)
    {
        var winners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var contribution in contributions)
        {
            foreach (var item in contribution.Catalogue?[kind]?.Items ?? [])
                winners.TryAdd(item.Name, contribution.Server.Id.Value);
        }

        return winners;
    }

    private static void WriteItem(ArrayBufferWriter<byte> target, ServerId server, ListCopy copy, ListItem item)
    {
        if (copy.Kind is ListKind.Resources or ListKind.ResourceTemplates)
        {
            target.Write(item.Json.Span);
            return;
        }

        var name = NameIn(item.Json.Span);
        target.Write(item.Json.Span[..name.Start]);
        using (var json = new Utf8JsonWriter(target, JsonRpcWriter.Options))
            json.WriteStringValue(ShownNames.Of(server, copy).ExposedAs(item.Name));
        target.Write(item.Json.Span[name.End..]);
    }

    /// <summary>Where the entry's own <c>name</c> is; entries without one are not taken into a catalogue.</summary>
    private static ByteRange NameIn(ReadOnlySpan<byte> item)
    {
        var json = new Utf8JsonReader(item);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var found = json.ValueTextEquals("name"u8);
            json.Read();
            var start = (int)json.TokenStartIndex;
            json.Skip();
            if (found)
                return new ByteRange(start, (int)json.BytesConsumed - start);
        }

        throw new InvalidOperationException("An entry of a catalogue has no name.");
    }
}
