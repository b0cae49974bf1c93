namespace McpActors.Core.Servers.Cache;

/// <summary>What of a cache survives a restart.</summary>
public enum CachePersistence
{
    /// <summary>No list: after a restart there is no last good copy, and each tool counts as seen for the first time.</summary>
    None,

    /// <summary>The lists, with the history of their changes. The default.</summary>
    Lists,

    /// <summary>The lists, and results too: a restarted server is warm.</summary>
    All,
}

/// <summary>Settings of the cache of one server (<c>servers.*.cache</c>).</summary>
public sealed record CacheOptions
{
    /// <summary>The defaults.</summary>
    public static CacheOptions Default { get; } = new();

    /// <summary>Entries at most. 0 (off) to 10,000,000; default 1,000.</summary>
    public int Entries { get; init; } = 1000;

    /// <summary>Bytes at most, counted as payload and <see cref="CallCache.EntryOverhead"/> an entry. 0 (off) to 1 TiB; default 64 MiB.</summary>
    public long Bytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long after its time an entry may stand in for a failing server. 0 (off) to 30 d; default 5 min.</summary>
    public TimeSpan StaleIfError { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after its time an entry is served while it is fetched anew. 0 (off) to 30 d; default 30 s.</summary>
    public TimeSpan StaleWhileRevalidate { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What survives a restart. Default <see cref="CachePersistence.Lists"/>.</summary>
    public CachePersistence Persist { get; init; } = CachePersistence.Lists;

    /// <summary>What the values must keep.</summary>
    public static IReadOnlyList<SettingRule<CacheOptions>> Rules { get; } =
    [
        new("entries", "a whole number from 0 to 10000000", o => o.Entries is >= 0 and <= 10_000_000),
        new("bytes", "a size from 0 to 1TiB", o => o.Bytes is >= 0 and <= 1L << 40),
        new("staleIfError", "a duration from 0s to 30d", o => o.StaleIfError >= TimeSpan.Zero && o.StaleIfError <= TimeSpan.FromDays(30)),
        new("staleWhileRevalidate", "a duration from 0s to 30d", o => o.StaleWhileRevalidate >= TimeSpan.Zero && o.StaleWhileRevalidate <= TimeSpan.FromDays(30)),
        new("persist", "none, lists or all", o => Enum.IsDefined(o.Persist)),
    ];
}
