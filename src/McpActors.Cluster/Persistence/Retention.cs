using System.Data.Common;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Serialization;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Persistence;

/// <summary>What one run deleted.</summary>
/// <param name="Events">Events of entities that go on.</param>
/// <param name="Sessions">Ended sessions with all their events.</param>
/// <param name="Others">Rows of nodes that are gone.</param>
internal readonly record struct RetentionReport(int Events, int Sessions, int Others);

/// <summary>
/// Deletes what nobody needs any more: events that are older than the retention and covered by a snapshot, ended sessions, expired results, and what dead nodes left.
/// <para>
/// Never what recovery needs: of an entity that goes on, the events after its oldest snapshot stay whatever their age, and so does its last event,
/// because the journal takes the next number from it.
/// </para>
/// </summary>
internal sealed class Retention(Store store, RetentionSettings settings, TimeProvider time)
{
    private const string ClaimName = "retention";

    private static readonly TimeSpan DeadNode = TimeSpan.FromDays(1);

    private static readonly string SessionClosedManifest = WireFormat.Current.For(typeof(SessionClosed)).Manifest;

    public Retention(Store store, NodeSettings node, TimeProvider time)
        : this(store, new RetentionSettings { History = node.Retention, SessionIdle = node.SessionIdle }, time)
    {
    }

    /// <summary>Takes this run for one process of all that use the store. False: somebody had it within the interval.</summary>
    public async Task<bool> ClaimAsync(string owner, CancellationToken ct)
    {
        await using var connection = await store.OpenAsync(ct);
        var now = time.GetUtcNow();
        var until = now + (settings.Interval * 0.9);
        return await connection.ExecuteAsync(
            """
            INSERT INTO mcpactors_claims (name, owner, until) VALUES (@name, @owner, @until)
            ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE mcpactors_claims.until <= @now
            """, ct, ("name", ClaimName), ("owner", owner), ("until", until.UtcTicks), ("now", now.UtcTicks)) > 0;
    }

    /// <summary>Deletes, batch by batch.</summary>
    public async Task<RetentionReport> RunAsync(CancellationToken ct)
    {
        await using var connection = await store.OpenAsync(ct);
        if (!await store.HasTableAsync(connection, "journal", ct) || !await store.HasTableAsync(connection, "snapshot", ct))
            return default;
        var events = await DeleteCoveredAsync(connection, ct);
        var sessions = await DeleteSessionsAsync(connection, ct);
        var others = await DeleteNodesAsync(connection, ct);
        await connection.ExecuteAsync("DELETE FROM cache_entries WHERE expires_at <= @now", ct, ("now", Ago(TimeSpan.Zero)));
        return new RetentionReport(events, sessions, others);
    }

    private async Task<int> DeleteCoveredAsync(DbConnection connection, CancellationToken ct)
    {
        var before = Ago(settings.History);
        var deleted = 0;
        for (var last = ""; ;)
        {
            var entities = await connection.QueryAsync(
                "SELECT persistence_id, MIN(sequence_number) FROM snapshot WHERE persistence_id > @last GROUP BY persistence_id ORDER BY persistence_id LIMIT @limit",
                row => (Id: row.GetString(0), Snapshot: row.GetInt64(1)), ct, ("last", last), ("limit", settings.Batch));
            foreach (var (id, snapshot) in entities)
                deleted += await DeleteEventsAsync(connection, id, snapshot, before, ct);
            if (entities.Count < settings.Batch)
                return deleted;
            last = entities[^1].Id;
            await RestAsync(ct);
        }
    }

    private async Task<int> DeleteEventsAsync(DbConnection connection, string id, long snapshot, long before, CancellationToken ct)
    {
        var deleted = 0;
        while (true)
        {
            var count = await connection.ExecuteAsync(
                """
                DELETE FROM journal WHERE persistence_id = @id AND sequence_number IN (
                  SELECT sequence_number FROM journal
                  WHERE persistence_id = @id AND sequence_number <= @snapshot AND created < @before
                    AND sequence_number < (SELECT MAX(sequence_number) FROM journal WHERE persistence_id = @id)
                  ORDER BY sequence_number LIMIT @limit)
                """, ct, ("id", id), ("snapshot", snapshot), ("before", before), ("limit", settings.Batch));
            deleted += count;
            if (count < settings.Batch)
                return deleted;
            await RestAsync(ct);
        }
    }

    /// <summary>Their ids are random and never used again, so nothing of them stays.</summary>
    private async Task<int> DeleteSessionsAsync(DbConnection connection, CancellationToken ct)
    {
        var ended = Ago(settings.EndedSession);
        var forgotten = Ago((settings.SessionIdle * 2) + settings.SessionSlack);
        var deleted = 0;
        for (var last = ""; ;)
        {
            var sessions = await connection.QueryAsync(
                """
                SELECT persistence_id, MAX(created), SUM(CASE WHEN manifest = @closed THEN 1 ELSE 0 END) FROM journal
                WHERE persistence_id LIKE 'session-%' AND persistence_id > @last GROUP BY persistence_id ORDER BY persistence_id LIMIT @limit
                """,
                row => (Id: row.GetString(0), Newest: row.GetInt64(1), Closed: row.GetInt64(2) > 0), ct,
                ("closed", SessionClosedManifest), ("last", last), ("limit", settings.Batch));
            var over = sessions.Where(session => session.Newest < (session.Closed ? ended : forgotten)).Select(session => session.Id).ToList();
            deleted += await DeleteSessionsAsync(connection, over, ended, ct);
            if (sessions.Count < settings.Batch)
                return deleted;
            last = sessions[^1].Id;
            await RestAsync(ct);
        }
    }

    private static async Task<int> DeleteSessionsAsync(DbConnection connection, List<string> sessions, long ended, CancellationToken ct)
    {
        if (sessions.Count == 0)
            return 0;
        var deleted = 0;
        await using var transaction = await connection.BeginTransactionAsync(ct);
        foreach (var id in sessions)
        {
            // Looked at again: what was written since it was chosen proves that it lives.
            var rows = await connection.ExecuteAsync(
                "DELETE FROM journal WHERE persistence_id = @id AND (SELECT MAX(created) FROM journal WHERE persistence_id = @id) < @ended", ct, ("id", id), ("ended", ended));
            deleted += rows > 0 ? 1 : 0;
        }

        await transaction.CommitAsync(ct);
        return deleted;
    }

    /// <summary>A node's id is that of one life: nobody recovers it.</summary>
    private async Task<int> DeleteNodesAsync(DbConnection connection, CancellationToken ct) =>
        await connection.ExecuteAsync("DELETE FROM journal WHERE persistence_id LIKE 'node-%' AND created < @before", ct, ("before", Ago(settings.History)))
        + await connection.ExecuteAsync("DELETE FROM journal_probe WHERE written_at < @before", ct, ("before", Ago(DeadNode)));

    private long Ago(TimeSpan age) => (time.GetUtcNow() - age).UtcTicks;

    private Task RestAsync(CancellationToken ct) => Task.Delay(settings.Pause, time, ct);
}
