namespace McpActors.Core.Servers.Cache;

/// <summary>
/// The answers of one server: least recently used leave first, bounded by entries and bytes, fresh for a time and of some use after it.
/// Every operation on one entry is O(1). Owned by one actor; not thread-safe.
/// </summary>
public sealed class CallCache
{
    /// <summary>Bytes counted for an entry beyond its payload.</summary>
    public const int EntryOverhead = 256;

    /// <summary>Keys noted as changed at most, before everything counts as changed.</summary>
    private const int MostChanges = 10_000;

    private static readonly int Kinds = Enum.GetValues<CacheKind>().Length;

    private readonly Dictionary<CacheKey, Node> _nodes = [];
    private readonly Dictionary<CacheTag, Node> _tags = [];
    private readonly long[] _generations = new long[Kinds];
    private readonly CacheChangeLog _changes = new(MostChanges);
    private CacheOptions _options;
    private Node? _newest;
    private Node? _oldest;
    private long _hits;
    private long _staleHits;
    private long _misses;
    private long _evictions;

    /// <summary>An empty cache.</summary>
    public CallCache(CacheOptions options)
    {
        CacheOptions.Rules.ThrowIfBroken(options);
        _options = options;
        _changes.IsOn = options.Persist == CachePersistence.All;
    }

    /// <summary>Whether <see cref="TakeChanges"/> has something to answer.</summary>
    public bool HasChanges => _changes.HasAny;

    /// <summary>Entries stored.</summary>
    public int Count => _nodes.Count;

    /// <summary>Bytes stored, <see cref="EntryOverhead"/> included.</summary>
    public long Bytes { get; private set; }

    /// <summary>What it did so far.</summary>
    public CacheStatistics Statistics => new(_hits, _staleHits, _misses, _evictions);

    /// <summary>All entries, the least recently used first: stored again in this order they restore the cache.</summary>
    public IEnumerable<CacheEntry> Entries
    {
        get
        {
            for (var node = _oldest; node is not null; node = node.Newer)
            {
                yield return node.Entry;
            }
        }
    }

    /// <summary>Changes with each invalidation of the kind.</summary>
    public long Generation(CacheKind kind) => _generations[(int)kind];

    /// <summary>What changed since it was last asked, where the cache outlives a restart.</summary>
    public CacheChanges TakeChanges()
    {
        var all = _changes.All;
        var kept = new List<StoredEntry>();
        var gone = new List<CacheKey>();
        for (var node = all && _changes.IsOn ? _oldest : null; node is not null; node = node.Newer)
        {
            kept.Add(new StoredEntry(node.Entry, node.Invalidated));
        }

        foreach (var key in _changes.Keys)
        {
            if (_nodes.TryGetValue(key, out var node))
            {
                kept.Add(new StoredEntry(node.Entry, node.Invalidated));
            }
            else
            {
                gone.Add(key);
            }
        }

        _changes.Reset();
        return new CacheChanges(all, kept, gone);
    }

    /// <summary>What was taken last could not be stored: nothing is known of what is stored, so everything is stored anew.</summary>
    public void ChangesLost() => _changes.NoteAll();

    /// <summary>Takes an entry back that was stored, unless there is a newer one or its kind was invalidated in this life.</summary>
    public bool Restore(StoredEntry stored, DateTimeOffset now)
    {
        var entry = stored.Entry;
        if (_generations[(int)entry.Tag.Kind] != 0 || _nodes.ContainsKey(entry.Key) || SizeOf(entry) > _options.Bytes || _options.Entries == 0)
        {
            return false;
        }

        var node = new Node(entry) { Invalidated = stored.Invalidated };
        if (node.FreshnessAt(now, out _) == CacheFreshness.Miss)
        {
            return false;
        }

        Add(node);
        Trim();
        return true;
    }

    /// <summary>Looks an answer up; whatever may still be used becomes the most recently used.</summary>
    public CacheLookup Lookup(CacheKey key, CacheKind kind, DateTimeOffset now)
    {
        var generation = _generations[(int)kind];
        if (!_nodes.TryGetValue(key, out var node))
        {
            _misses++;
            return new CacheLookup(CacheFreshness.Miss, null, TimeSpan.Zero, generation);
        }

        var freshness = node.FreshnessAt(now, out var remaining);
        switch (freshness)
        {
            case CacheFreshness.Miss:
                _misses++;
                Remove(node);
                return new CacheLookup(CacheFreshness.Miss, null, TimeSpan.Zero, generation);
            case CacheFreshness.Fresh:
                _hits++;
                break;
            default:
                _staleHits++;
                break;
        }

        Touch(node);
        return new CacheLookup(freshness, node.Entry, remaining, generation);
    }

    /// <summary>Stores an answer, replacing an older one, and lets the least recently used go for it.</summary>
    /// <param name="entry">The answer.</param>
    /// <param name="generation">From the look-up before the fetch: what was invalidated since is not stored.</param>
    public CachePut Put(CacheEntry entry, long generation)
    {
        if (generation != _generations[(int)entry.Tag.Kind])
        {
            return CachePut.Superseded;
        }

        if (_nodes.TryGetValue(entry.Key, out var old))
        {
            Remove(old);
        }

        var size = SizeOf(entry);
        if (size > _options.Bytes || _options.Entries == 0)
        {
            return CachePut.TooLarge;
        }

        Add(new Node(entry));
        _changes.Note(entry.Key);
        Trim();
        return CachePut.Stored;
    }

    /// <summary>Invalidates what carries a tag, and fetches of its kind that are on their way. Returns how many entries.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="keepForErrors">Keep the entries as the last good copy, for when the server fails.</param>
    public int Invalidate(CacheTag tag, bool keepForErrors)
    {
        _generations[(int)tag.Kind]++;
        return InvalidateChain(tag, keepForErrors);
    }

    /// <summary>Invalidates a whole kind, as <see cref="Invalidate(CacheTag, bool)"/> does. Takes time with the number of subjects in the cache.</summary>
    public int Invalidate(CacheKind kind, bool keepForErrors)
    {
        _generations[(int)kind]++;
        var count = 0;
        foreach (var tag in _tags.Keys.Where(tag => tag.Kind == kind).ToArray())
        {
            count += InvalidateChain(tag, keepForErrors);
        }

        return count;
    }

    /// <summary>Forgets everything, fetches on their way included. Returns how many entries.</summary>
    public int Clear()
    {
        var count = _nodes.Count;
        _nodes.Clear();
        _tags.Clear();
        _newest = null;
        _oldest = null;
        Bytes = 0;
        _changes.NoteCleared();
        for (var kind = 0; kind < Kinds; kind++)
        {
            _generations[kind]++;
        }

        return count;
    }

    /// <summary>Removes entries that are of no use any more, looking at no more than <paramref name="limit"/> of the least recently used. Returns how many.</summary>
    public int Sweep(DateTimeOffset now, int limit)
    {
        var removed = 0;
        var node = _oldest;
        for (var seen = 0; seen < limit && node is not null; seen++)
        {
            var newer = node.Newer;
            if (node.FreshnessAt(now, out _) == CacheFreshness.Miss)
            {
                Remove(node);
                removed++;
            }

            node = newer;
        }

        return removed;
    }

    /// <summary>New bounds; what is beyond them leaves.</summary>
    public void Reconfigure(CacheOptions options)
    {
        CacheOptions.Rules.ThrowIfBroken(options);
        _options = options;
        Trim();
        if (_changes.IsOn != (options.Persist == CachePersistence.All))
        {
            // Switched on, everything is stored; switched off, everything that was stored goes.
            _changes.IsOn = !_changes.IsOn;
            _changes.NoteAll();
        }
    }

    private static long SizeOf(CacheEntry entry) => entry.Payload.Length + EntryOverhead;

    private void Trim()
    {
        while (_oldest is not null && (_nodes.Count > _options.Entries || Bytes > _options.Bytes))
        {
            _evictions++;
            Remove(_oldest);
        }
    }

    private int InvalidateChain(CacheTag tag, bool keepForErrors)
    {
        var count = 0;
        _tags.TryGetValue(tag, out var node);
        while (node is not null)
        {
            var next = node.TagNext;
            if (keepForErrors)
            {
                node.Invalidated = true;
                _changes.Note(node.Entry.Key);
            }
            else
            {
                Remove(node);
            }

            count++;
            node = next;
        }

        return count;
    }

    private void Add(Node node)
    {
        _nodes.Add(node.Entry.Key, node);
        Bytes += SizeOf(node.Entry);
        LinkNewest(node);
        if (_tags.TryGetValue(node.Entry.Tag, out var head))
        {
            node.TagNext = head;
            head.TagPrevious = node;
        }

        _tags[node.Entry.Tag] = node;
    }

    private void Remove(Node node)
    {
        _nodes.Remove(node.Entry.Key);
        _changes.Note(node.Entry.Key);
        Bytes -= SizeOf(node.Entry);
        Unlink(node);
        if (node.TagNext is not null)
        {
            node.TagNext.TagPrevious = node.TagPrevious;
        }

        if (node.TagPrevious is not null)
        {
            node.TagPrevious.TagNext = node.TagNext;
        }
        else if (node.TagNext is not null)
        {
            _tags[node.Entry.Tag] = node.TagNext;
        }
        else
        {
            _tags.Remove(node.Entry.Tag);
        }
    }

    private void Touch(Node node)
    {
        if (node != _newest)
        {
            Unlink(node);
            LinkNewest(node);
        }
    }

    private void LinkNewest(Node node)
    {
        node.Older = _newest;
        node.Newer = null;
        if (_newest is not null)
        {
            _newest.Newer = node;
        }

        _newest = node;
        _oldest ??= node;
    }

    private void Unlink(Node node)
    {
        if (node.Newer is not null)
        {
            node.Newer.Older = node.Older;
        }
        else
        {
            _newest = node.Older;
        }

        if (node.Older is not null)
        {
            node.Older.Newer = node.Newer;
        }
        else
        {
            _oldest = node.Newer;
        }
    }

    /// <summary>An entry in the order of use and in the chain of its tag.</summary>
    private sealed class Node(CacheEntry entry)
    {
        internal CacheEntry Entry { get; } = entry;

        internal Node? Older { get; set; }

        internal Node? Newer { get; set; }

        internal Node? TagPrevious { get; set; }

        internal Node? TagNext { get; set; }

        internal bool Invalidated { get; set; }

        internal CacheFreshness FreshnessAt(DateTimeOffset now, out TimeSpan remaining)
        {
            // Without a sign, so that an entry from the future, seen after the clock was set back, does not live for ever.
            var age = (now - Entry.FetchedAt).Duration();
            remaining = TimeSpan.Zero;
            if (!Invalidated && age < Entry.Ttl)
            {
                remaining = Entry.Ttl - age;
                return CacheFreshness.Fresh;
            }

            if (!Invalidated && age < Entry.Ttl + Entry.StaleWhileRevalidate)
            {
                return CacheFreshness.StaleWhileRevalidate;
            }

            return age < Entry.Ttl + Entry.StaleIfError ? CacheFreshness.StaleIfError : CacheFreshness.Miss;
        }
    }
}
