namespace McpActors.Core.Servers.Cache;

/// <summary>An entry as it is kept over a restart.</summary>
/// <param name="Entry">The entry; its times are absolute, so what is left of them goes on running.</param>
/// <param name="Invalidated">Whether it may only stand in for a failing server.</param>
public sealed record StoredEntry(CacheEntry Entry, bool Invalidated);

/// <summary>What has to be stored so that what is stored equals the cache.</summary>
/// <param name="All">Everything that was stored goes first.</param>
/// <param name="Kept">Entries to write, over older ones of the same key.</param>
/// <param name="Gone">Keys whose entries go.</param>
public sealed record CacheChanges(bool All, IReadOnlyList<StoredEntry> Kept, IReadOnlyList<CacheKey> Gone);

/// <summary>
/// Which entries of a cache are not stored as they are. Keeps keys only, each once, and no more of them than the limit: beyond it everything is stored anew.
/// </summary>
internal sealed class CacheChangeLog(int limit)
{
    private HashSet<CacheKey>? _keys;

    /// <summary>Whether changes are noted.</summary>
    public bool IsOn { get; set; }

    /// <summary>Whether everything is to be stored anew.</summary>
    public bool All { get; private set; }

    /// <summary>Whether there is something to store.</summary>
    public bool HasAny => All || _keys is { Count: > 0 };

    /// <summary>The keys noted.</summary>
    public IReadOnlyCollection<CacheKey> Keys => _keys ?? [];

    /// <summary>The entry of a key changed, came or went.</summary>
    public void Note(CacheKey key)
    {
        if (!IsOn || All)
        {
            return;
        }

        _keys ??= [];
        _keys.Add(key);
        if (_keys.Count > limit)
        {
            NoteAll();
        }
    }

    /// <summary>All entries went.</summary>
    public void NoteCleared()
    {
        if (IsOn)
        {
            NoteAll();
        }
    }

    /// <summary>Everything is to be stored anew, or to go where changes are no longer noted.</summary>
    public void NoteAll()
    {
        All = true;
        _keys?.Clear();
    }

    /// <summary>What was noted is taken.</summary>
    public void Reset()
    {
        All = false;
        _keys?.Clear();
    }
}
