using System.Collections.Immutable;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Core.Servers;

// What of the cache and the lists outlives a restart, by cache.persist.
public sealed partial class ServerDecider
{
    /// <summary>Whether results in the cache outlive a restart.</summary>
    public bool PersistsResults => _settings.Cache.Persist == CachePersistence.All;

    /// <summary>The definition whose results are in the cache.</summary>
    public string DefinitionMark => _settings.DefinitionMark;

    /// <summary>Whether <see cref="TakeCacheChanges"/> has something to answer.</summary>
    public bool HasCacheChanges => _cache.HasChanges;

    /// <summary>What a snapshot holds: the state without what is not to be stored.</summary>
    public ServerState StateToStore => Storable(_state);

    private bool PersistsLists => _settings.Cache.Persist != CachePersistence.None;

    /// <summary>What of the cache is to be stored now.</summary>
    public CacheChanges TakeCacheChanges() => _cache.TakeChanges();

    /// <summary>What was taken last is not stored.</summary>
    public void CacheChangesLost() => _cache.ChangesLost();

    /// <summary>Takes stored results back, oldest first; after <see cref="Recover"/>, which knows what was cleared since. Returns how many.</summary>
    public int RestoreCache(IReadOnlyList<StoredEntry> stored, DateTimeOffset now)
    {
        if (!PersistsResults)
        {
            return 0;
        }

        var taken = 0;
        foreach (var entry in stored)
        {
            if (!(entry.Entry.FetchedAt <= _state.CacheClearedAt) && _cache.Restore(entry, now))
            {
                taken++;
            }
        }

        return taken;
    }

    private ServerState Storable(ServerState state) =>
        PersistsLists ? state : state with { Lists = ImmutableSortedDictionary<ListKind, ServerProtocol.ListLearned>.Empty };

    // A list is learnt whatever becomes of it; whether it is an event is the operator's to say.
    private void Record(ServerProtocol.ListLearned list)
    {
        if (PersistsLists)
        {
            Record((IServerEvent)list);
        }
        else
        {
            _state = _state.Evolve(list);
        }
    }

    private void RecordLists()
    {
        foreach (var list in _state.Lists.Values)
        {
            Record(list);
        }
    }
}
