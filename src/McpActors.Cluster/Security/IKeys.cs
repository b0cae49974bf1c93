using McpActors.Core.Security.Keys;

namespace McpActors.Cluster.Security;

/// <summary>The cluster's API keys as this node knows them, and the way to change them. Checks never wait.</summary>
public interface IKeys
{
    /// <summary>Whether this node has heard of the keys yet; before, one that is not found may well be valid.</summary>
    bool AreKnown { get; }

    /// <summary>The key behind a text that somebody sent; null when there is none that counts now.</summary>
    ApiKey? Find(ReadOnlySpan<char> text);

    /// <summary>Cancelled when the key is revoked, not when it expires: for what was begun with it and goes on, such as a stream.</summary>
    CancellationToken EndOf(ApiKey key);

    /// <summary>All keys that were not revoked, by id.</summary>
    IReadOnlyList<ApiKey> All { get; }

    /// <summary>Makes a key; its text is in the answer and nowhere else. Done once it is stored.</summary>
    Task<KeyChange> CreateAsync(NewKey key, CancellationToken ct);

    /// <summary>Ends a key: here at once, in every reachable node within 5 s. Done once it is stored.</summary>
    Task<KeyChange> RevokeAsync(string id, string who, CancellationToken ct);
}

/// <summary>A key that is wanted.</summary>
/// <param name="Name">Who or what will use it.</param>
/// <param name="Scopes">What for.</param>
/// <param name="Ttl">How long it counts; null: until it is revoked.</param>
/// <param name="Who">Who wants it.</param>
public sealed record NewKey(string Name, KeyScopes Scopes, TimeSpan? Ttl, string Who);

/// <summary>What became of a change of the keys.</summary>
public abstract record KeyChange
{
    private KeyChange()
    {
    }

    /// <summary>Made and stored.</summary>
    /// <param name="Key">As it is kept.</param>
    /// <param name="Text">The key itself: shown once.</param>
    public sealed record Created(ApiKey Key, string Text) : KeyChange;

    /// <summary>Ended and stored.</summary>
    public sealed record Revoked(string Id) : KeyChange;

    /// <summary>There is no such key.</summary>
    public sealed record Missing(string Id) : KeyChange;

    /// <summary>Not done, and why.</summary>
    public sealed record Refused(string Reason) : KeyChange;
}
