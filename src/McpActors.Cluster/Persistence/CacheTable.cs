using System.Buffers.Binary;
using System.Data.Common;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// Cached results that outlive a restart (<c>cache.persist: all</c>). Written behind, in small transactions, and not forced to the disk: what is lost of it
/// with the power is fetched again.
/// </summary>
internal sealed class CacheTable(Store store, TimeProvider time) : IDisposable
{
    /// <summary>Rows and bytes of one transaction at most, so that the journal's writes get between them.</summary>
    private const int Rows = 200, Bytes = 2 * 1024 * 1024;

    private const string Upsert =
        """
        INSERT INTO cache_entries
          (server, key, definition, kind, subject, payload, fetched_at, ttl, stale_while_revalidate, stale_if_error, scope, revision, is_error, invalidated, expires_at)
        VALUES
          (@server, @key, @definition, @kind, @subject, @payload, @fetched, @ttl, @swr, @sie, @scope, @revision, @error, @invalidated, @expires)
        ON CONFLICT (server, key) DO UPDATE SET
          definition = excluded.definition, kind = excluded.kind, subject = excluded.subject, payload = excluded.payload, fetched_at = excluded.fetched_at,
          ttl = excluded.ttl, stale_while_revalidate = excluded.stale_while_revalidate, stale_if_error = excluded.stale_if_error, scope = excluded.scope,
          revision = excluded.revision, is_error = excluded.is_error, invalidated = excluded.invalidated, expires_at = excluded.expires_at
        """;

    private readonly SemaphoreSlim _looking = new(1, 1);
    private HashSet<string>? _leftovers;

    /// <summary>
    /// Drops what an earlier life of the process stored of a server whose results are no longer to be stored. One look for all servers, so that the start of
    /// each costs nothing.
    /// </summary>
    public async Task DropLeftoversAsync(ServerId server, CancellationToken ct)
    {
        await _looking.WaitAsync(ct);
        try
        {
            if (_leftovers is null)
            {
                await using var look = await store.OpenAsync(ct);
                _leftovers = [.. await look.QueryAsync("SELECT DISTINCT server FROM cache_entries", row => row.GetString(0), ct)];
            }

            if (!_leftovers.Remove(server.Value))
                return;
        }
        finally
        {
            _looking.Release();
        }

        await using var connection = await store.OpenAsync(ct);
        await DropAsync(connection, server, ct);
    }

    /// <summary>The results of a server that are of use, oldest first; those of another definition are dropped.</summary>
    public async Task<IReadOnlyList<StoredEntry>> LoadAsync(ServerId server, string definition, CancellationToken ct)
    {
        await using var connection = await store.OpenAsync(ct);
        var entries = await connection.QueryAsync(
            """
            SELECT key, kind, subject, payload, fetched_at, ttl, stale_while_revalidate, stale_if_error, scope, revision, is_error, invalidated FROM cache_entries
            WHERE server = @server AND definition = @definition AND expires_at > @now ORDER BY fetched_at
            """, Read, ct, ("server", server.Value), ("definition", definition), ("now", time.GetUtcNow().UtcTicks));
        if (await connection.ScalarAsync("SELECT COUNT(*) FROM cache_entries WHERE server = @server AND definition <> @definition", ct, ("server", server.Value), ("definition", definition)) > 0)
            await connection.ExecuteAsync("DELETE FROM cache_entries WHERE server = @server AND definition <> @definition", ct, ("server", server.Value), ("definition", definition));
        return [.. entries.OfType<StoredEntry>()];
    }

    /// <summary>Stores what changed.</summary>
    public async Task StoreAsync(ServerId server, string definition, CacheChanges changes, CancellationToken ct)
    {
        await using var connection = await store.OpenAsync(ct);
        if (changes.All)
            await DropAsync(connection, server, ct);
        for (var next = 0; next < changes.Kept.Count;)
        {
            await using var transaction = await store.BeginUnforcedAsync(connection, ct);
            var bytes = 0;
            for (var rows = 0; rows < Rows && bytes < Bytes && next < changes.Kept.Count; rows++, next++)
            {
                bytes += changes.Kept[next].Entry.Payload.Length;
                await WriteAsync(connection, server, definition, changes.Kept[next], ct);
            }

            await transaction.CommitAsync(ct);
        }

        foreach (var gone in changes.Gone.Chunk(Rows))
        {
            await using var transaction = await store.BeginUnforcedAsync(connection, ct);
            foreach (var key in gone)
                await connection.ExecuteAsync("DELETE FROM cache_entries WHERE server = @server AND key = @key", ct, ("server", server.Value), ("key", ToBytes(key)));
            await transaction.CommitAsync(ct);
        }
    }

    public void Dispose() => _looking.Dispose();

    private static Task<int> DropAsync(DbConnection connection, ServerId server, CancellationToken ct) =>
        connection.ExecuteAsync("DELETE FROM cache_entries WHERE server = @server", ct, ("server", server.Value));

    private static Task<int> WriteAsync(DbConnection connection, ServerId server, string definition, StoredEntry stored, CancellationToken ct)
    {
        var entry = stored.Entry;
        var kept = entry.StaleIfError > entry.StaleWhileRevalidate ? entry.StaleIfError : entry.StaleWhileRevalidate;
        return connection.ExecuteAsync(Upsert, ct,
            ("server", server.Value),
            ("key", ToBytes(entry.Key)),
            ("definition", definition),
            ("kind", (int)entry.Tag.Kind),
            ("subject", unchecked((long)entry.Tag.Subject)),
            ("payload", entry.Payload.ToArray()),
            ("fetched", entry.FetchedAt.UtcTicks),
            ("ttl", entry.Ttl.Ticks),
            ("swr", entry.StaleWhileRevalidate.Ticks),
            ("sie", entry.StaleIfError.Ticks),
            ("scope", (int)entry.Scope),
            ("revision", entry.Revision.Text),
            ("error", entry.IsError ? 1 : 0),
            ("invalidated", stored.Invalidated ? 1 : 0),
            ("expires", (entry.FetchedAt + entry.Ttl + kept).UtcTicks));
    }

    // Null: written by a later version, which knows more than this one. It is a miss, no fault.
    private static StoredEntry? Read(DbDataReader row)
    {
        var (kind, scope) = ((CacheKind)row.GetInt32(1), (CacheScope)row.GetInt32(8));
        if (!Enum.IsDefined(kind) || !Enum.IsDefined(scope) || !ProtocolRevision.TryParse(row.GetString(9), out var revision))
            return null;
        var entry = new CacheEntry
        {
            Key = new CacheKey(BinaryPrimitives.ReadUInt128BigEndian(row.GetFieldValue<byte[]>(0))),
            Tag = new CacheTag(kind, unchecked((ulong)row.GetInt64(2))),
            Payload = row.GetFieldValue<byte[]>(3),
            FetchedAt = new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero),
            Ttl = TimeSpan.FromTicks(row.GetInt64(5)),
            StaleWhileRevalidate = TimeSpan.FromTicks(row.GetInt64(6)),
            StaleIfError = TimeSpan.FromTicks(row.GetInt64(7)),
            Scope = scope,
            Revision = revision,
            IsError = row.GetInt32(10) != 0,
        };
        return new StoredEntry(entry, row.GetInt32(11) != 0);
    }

    private static byte[] ToBytes(CacheKey key)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key.Hash);
        return bytes;
    }
}
