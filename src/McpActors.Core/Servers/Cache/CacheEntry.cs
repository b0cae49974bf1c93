using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Servers.Cache;

/// <summary>A stored answer.</summary>
public sealed record CacheEntry
{
    /// <summary>Its name.</summary>
    public required CacheKey Key { get; init; }

    /// <summary>What it becomes invalid with.</summary>
    public required CacheTag Tag { get; init; }

    /// <summary>The result as bytes. The memory must belong to the entry alone and be no larger than its content, because that is what is counted.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>When it came from the server.</summary>
    public required DateTimeOffset FetchedAt { get; init; }

    /// <summary>How long it is fresh. 0: never, but it may stand in later.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>How long after that it is served while it is fetched anew.</summary>
    public TimeSpan StaleWhileRevalidate { get; init; }

    /// <summary>How long after its time it may stand in for a failing server.</summary>
    public TimeSpan StaleIfError { get; init; }

    /// <summary>For whom it is.</summary>
    public CacheScope Scope { get; init; }

    /// <summary>The protocol revision in which the server gave it.</summary>
    public ProtocolRevision Revision { get; init; }

    /// <summary>Whether the payload is a JSON-RPC error (negative caching).</summary>
    public bool IsError { get; init; }
}

/// <summary>How an entry may be used.</summary>
public enum CacheFreshness
{
    /// <summary>There is none.</summary>
    Miss,

    /// <summary>As it is.</summary>
    Fresh,

    /// <summary>As it is, while one caller fetches it anew.</summary>
    StaleWhileRevalidate,

    /// <summary>Only when the server fails.</summary>
    StaleIfError,
}

/// <summary>The answer to a look-up.</summary>
/// <param name="Freshness">How the entry may be used.</param>
/// <param name="Entry">The entry, unless it is a miss.</param>
/// <param name="Remaining">How long it is fresh still; what a client is told as <c>ttlMs</c>.</param>
/// <param name="Generation">To be handed to <see cref="CallCache.Put"/> with what is fetched now.</param>
public readonly record struct CacheLookup(CacheFreshness Freshness, CacheEntry? Entry, TimeSpan Remaining, long Generation);

/// <summary>What became of an answer that was to be stored.</summary>
public enum CachePut
{
    /// <summary>It is stored.</summary>
    Stored,

    /// <summary>It is larger than the whole cache, or the cache is off.</summary>
    TooLarge,

    /// <summary>Its kind was invalidated while it was fetched, so it may be old already.</summary>
    Superseded,
}

/// <summary>What a cache did since it was made.</summary>
/// <param name="Hits">Look-ups answered fresh.</param>
/// <param name="StaleHits">Look-ups that found something stale.</param>
/// <param name="Misses">Look-ups that found nothing.</param>
/// <param name="Evictions">Entries that left for lack of room.</param>
public readonly record struct CacheStatistics(long Hits, long StaleHits, long Misses, long Evictions);
