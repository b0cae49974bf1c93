using System.Collections.Concurrent;
using System.Collections.Frozen;
using McpActors.Core.Security.Keys;
using static McpActors.Core.Security.Keys.KeyProtocol;

namespace McpActors.Cluster.Security;

/// <summary>The keys of this node: an immutable table swapped whole. Written by the node's <see cref="KeyAgent"/> alone, read by everybody.</summary>
internal sealed class KeyHolder
{
    private sealed record Table(long Revision, IReadOnlyList<ApiKey> Keys, FrozenDictionary<KeyHash, ApiKey> ByHash);

    private readonly ConcurrentDictionary<string, CancellationTokenSource> _watched = new(StringComparer.Ordinal);
    private Table _now = new(-1, [], FrozenDictionary<KeyHash, ApiKey>.Empty);

    /// <summary>The revision held; -1 before the registry answered.</summary>
    public long Revision => Volatile.Read(ref _now).Revision;

    /// <summary>All keys, by id.</summary>
    public IReadOnlyList<ApiKey> Keys => Volatile.Read(ref _now).Keys;

    /// <summary>The key with this hash, whatever its end.</summary>
    public ApiKey? Find(KeyHash hash) => Volatile.Read(ref _now).ByHash.TryGetValue(hash, out var key) && key.Hash.Matches(hash) ? key : null;

    /// <summary>Cancelled when the key is held no more.</summary>
    public CancellationToken EndOf(ApiKey key)
    {
        var watched = _watched.GetOrAdd(key.Id, static _ => new CancellationTokenSource());
        // It may have gone between the caller's look and this one.
        return Find(key.Hash) is null ? new CancellationToken(canceled: true) : watched.Token;
    }

    /// <summary>Takes all keys.</summary>
    public void Take(long revision, IEnumerable<ApiKey> keys)
    {
        ApiKey[] sorted = [.. keys.OrderBy(key => key.Id, StringComparer.Ordinal)];
        Volatile.Write(ref _now, new Table(revision, sorted, sorted.ToFrozenDictionary(key => key.Hash)));
        foreach (var id in _watched.Keys.Except(sorted.Select(key => key.Id)))
        {
            if (_watched.TryRemove(id, out var ended))
                ended.Cancel();
        }
    }

    /// <summary>Takes one change. False when others are missing between what is held and this one: ask for all.</summary>
    public bool Take(KeyNews news)
    {
        var now = _now;
        if (news.Revision <= now.Revision)
            return true;
        // What is revoked ends at once, also when the rest must be asked for.
        IEnumerable<ApiKey> keys = now.Keys.Where(key => key.Id != news.Revoked);
        var follows = now.Revision >= 0 && news.Revision == now.Revision + 1;
        if (follows && news.Created is { } created)
            keys = keys.Append(created);
        Take(follows ? news.Revision : now.Revision, keys);
        return follows;
    }
}
