using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers.Catalogue;

/// <summary>
/// The lists of one server: last good copies, which of them are current, who waits for which. Knows nothing of how a list is fetched.
/// A copy is never thrown away for being old: it answers when nothing better can be had.
/// </summary>
internal sealed class CatalogueBook
{
    /// <summary>How long a list is taken for current when the upstream does not say.</summary>
    internal static readonly TimeSpan DefaultTtl = TimeSpan.FromSeconds(60);

    /// <summary>A list is current for so long in any case, so that what was fetched for a question can answer it.</summary>
    internal static readonly TimeSpan LeastTtl = TimeSpan.FromSeconds(1);

    /// <summary>How long a question waits for a running upstream when there is a good copy at hand.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long after a failure the good copy answers without another try.</summary>
    internal static readonly TimeSpan FailureRest = TimeSpan.FromSeconds(5);

    private static readonly ListKind[] Kinds = Enum.GetValues<ListKind>();

    private readonly Page[] _pages = [.. Kinds.Select(_ => new Page())];
    private readonly List<Query> _queries = [];

    /// <summary>All that is known; null while nothing is. Replaced whole.</summary>
    internal ServerCatalogue? Current { get; private set; }

    /// <summary>The lists that the server has; all of them while nothing is known of it.</summary>
    internal ListKinds Offered { get; private set; } = ListKinds.All;

    internal bool AnyWaiting => _queries.Count > 0;

    internal DateTimeOffset? NextTick => _queries.Count == 0 ? null : _queries.Min(query => query.Due);

    internal PeerInfo? Peer => Current?.Peer;

    /// <summary>Takes over what the server says of itself.</summary>
    internal void Meet(PeerInfo peer)
    {
        Offered = PeerCapabilities.Lists(peer);
        Current = Current is null ? new ServerCatalogue { Peer = peer } : Current with { Peer = peer };
    }

    /// <summary>Takes over a copy; true when it differs from the one before.</summary>
    internal bool Learn(ListCopy copy)
    {
        var page = _pages[(int)copy.Kind];
        page.Stale = false;
        page.Fetching = false;
        page.Failure = null;
        var before = Current?[copy.Kind];
        if (Current is null)
        {
            throw new InvalidOperationException("A list cannot be learnt of a server that was never met.");
        }

        // An unchanged list keeps the objects that others may compare by reference.
        var changed = before is null || before.Hash != copy.Hash;
        var kept = changed ? copy : copy with { Items = before!.Items };
        Current = copy.Kind switch
        {
            ListKind.Tools => Current with { Tools = kept, ToolIndex = changed ? ToolFactsReader.Index(kept.Items) : Current.ToolIndex },
            ListKind.Prompts => Current with { Prompts = kept },
            ListKind.Resources => Current with { Resources = kept },
            _ => Current with { ResourceTemplates = kept },
        };
        return changed;
    }

    /// <summary>A recovered copy: good for bad times, but not current unless its time still runs.</summary>
    internal void Recall(ListCopy copy)
    {
        if (Current is not null && Current[copy.Kind] is null)
        {
            var stale = _pages[(int)copy.Kind].Stale;
            Learn(copy);
            _pages[(int)copy.Kind].Stale = stale;
        }
    }

    internal bool IsFresh(ListKind kind, DateTimeOffset now)
    {
        if (!Offered.Has(kind))
        {
            return true;
        }

        return !_pages[(int)kind].Stale && Current?[kind] is { } copy && now - copy.FetchedAt < (copy.Ttl > LeastTtl ? copy.Ttl : LeastTtl);
    }

    internal bool IsStale(ListKind kind) => _pages[(int)kind].Stale;

    internal void MarkStale(ListKind kind) => _pages[(int)kind].Stale = true;

    internal void MarkAllStale()
    {
        foreach (var page in _pages)
        {
            page.Stale = true;
            page.Failure = null;
        }
    }

    /// <summary>Of these kinds, those that must be fetched, are not being fetched, and did not just fail where a copy can answer.</summary>
    internal ListKinds ToFetch(ListKinds kinds, DateTimeOffset now)
    {
        var needed = ListKinds.None;
        foreach (var kind in Kinds)
        {
            var page = _pages[(int)kind];
            if (kinds.Has(kind) && !page.Fetching && !IsFresh(kind, now) && !Rests(page, kind, now))
            {
                needed |= kind.AsSet();
            }
        }

        return needed;
    }

    internal void Fetching(ListKind kind, DateTimeOffset now)
    {
        var page = _pages[(int)kind];
        page.Fetching = true;
        page.FetchingSince = now;
    }

    internal bool IsFetching(ListKind kind) => _pages[(int)kind].Fetching;

    /// <summary>A fetch ended because there is nothing to fetch.</summary>
    internal void Settled(ListKind kind) => _pages[(int)kind].Fetching = false;

    internal void Failed(ListKind kind, string reason, DateTimeOffset now)
    {
        var page = _pages[(int)kind];
        page.Fetching = false;
        page.Failure = reason;
        page.FailedAt = now;
    }

    /// <summary>Registers a question that could not be answered at once.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="kinds">The lists it wants.</param>
    /// <param name="deadline">When it is answered in any case.</param>
    /// <param name="connected">Whether the upstream is there: then a good copy is not held back for long.</param>
    /// <param name="now">The time.</param>
    internal void Wait(long id, ListKinds kinds, DateTimeOffset deadline, bool connected, DateTimeOffset now)
    {
        _queries.Add(new Query(id, kinds, connected && HasAll(kinds) ? Earlier(PatientUntil(kinds), deadline) : deadline));
    }

    /// <summary>Whether a fetch runs for so long already that a good copy is not held back for it.</summary>
    internal bool IsSlow(ListKinds kinds, DateTimeOffset now) => HasAll(kinds) && PatientUntil(kinds) <= now;

    /// <summary>Whether nothing that is asked for is on its way any more.</summary>
    internal bool IsSettled(ListKinds kinds, DateTimeOffset now) =>
        Kinds.All(kind => !kinds.Has(kind) || !_pages[(int)kind].Fetching || IsFresh(kind, now));

    /// <summary>The questions that can be answered now, or must be; they are forgotten here.</summary>
    internal IReadOnlyList<(long Id, ListKinds Kinds)> TakeSettled(DateTimeOffset now, bool all = false)
    {
        if (_queries.Count == 0)
        {
            return [];
        }

        var settled = _queries.Where(query => all || query.Due <= now || IsSettled(query.Kinds, now)).ToArray();
        foreach (var query in settled)
        {
            _queries.Remove(query);
        }

        return [.. settled.Select(query => (query.Id, query.Kinds))];
    }

    /// <summary>The answer to a question as things stand. A server that cannot be used is named, however new its lists are.</summary>
    internal ServerProtocol.CatalogueReply Answer(ServerId server, ListKinds kinds, string? unavailable, DateTimeOffset now)
    {
        var missing = Kinds.Where(kind => kinds.Has(kind) && !IsFresh(kind, now)).ToArray();
        var fresh = Current is not null && missing.Length == 0;
        return new ServerProtocol.CatalogueReply(server, Current, fresh, unavailable ?? (fresh ? null : Reason(missing)));
    }

    /// <summary>The answer without asking anybody: that a copy is old is no news then, and only what is not known at all has failed.</summary>
    internal ServerProtocol.CatalogueReply Remembered(ServerId server, ListKinds kinds, string? unavailable, DateTimeOffset now)
    {
        var unknown = Kinds.Where(kind => kinds.Has(kind) && (Current is null || (Offered.Has(kind) && Current[kind] is null))).ToArray();
        var fresh = unknown.Length == 0 && Kinds.All(kind => !kinds.Has(kind) || IsFresh(kind, now));
        return new ServerProtocol.CatalogueReply(server, Current, fresh, unavailable ?? FailureOf(unknown));
    }

    internal IReadOnlyList<ListStatus> Status(DateTimeOffset now) =>
    [
        .. Kinds.Where(kind => Current?[kind] is not null).Select(kind =>
        {
            var copy = Current![kind]!;
            return new ListStatus(kind, copy.Items.Count, copy.FetchedAt, IsFresh(kind, now), copy.Hash);
        }),
    ];

    private bool HasAll(ListKinds kinds) => Kinds.All(kind => !kinds.Has(kind) || !Offered.Has(kind) || Current?[kind] is not null);

    private bool Rests(Page page, ListKind kind, DateTimeOffset now) =>
        page.Failure is not null && Current?[kind] is not null && (now - page.FailedAt).Duration() < FailureRest;

    // Patience counts from the start of the fetch, so that many questions do not each wait for one slow server.
    private DateTimeOffset PatientUntil(ListKinds kinds) =>
        Kinds.Where(kind => kinds.Has(kind) && _pages[(int)kind].Fetching).Select(kind => _pages[(int)kind].FetchingSince).DefaultIfEmpty().Min() + Patience;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private string Reason(ListKind[] missing) => FailureOf(missing) ?? "slow to answer";

    private string? FailureOf(ListKind[] missing) => missing.Select(kind => _pages[(int)kind].Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>What is going on with one list.</summary>
    private sealed class Page
    {
        internal bool Stale { get; set; }

        internal bool Fetching { get; set; }

        internal DateTimeOffset FetchingSince { get; set; }

        internal string? Failure { get; set; }

        internal DateTimeOffset FailedAt { get; set; }
    }

    private sealed record Query(long Id, ListKinds Kinds, DateTimeOffset Due);
}
