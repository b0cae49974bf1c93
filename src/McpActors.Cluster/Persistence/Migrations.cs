using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace McpActors.Cluster.Persistence;

/// <summary>One numbered change of the store's tables.</summary>
/// <param name="Version">Its number, from 1, without gaps.</param>
/// <param name="Name">What it is about.</param>
/// <param name="Sql">The statements.</param>
internal sealed record Migration(int Version, string Name, string Sql);

/// <summary>
/// Brings our own tables up to date; those of events and snapshots belong to the persistence plugin, which makes them itself. Each migration runs
/// once, in one transaction with its entry in the list of those that ran.
/// </summary>
internal static class Migrations
{
    private const string Prefix = "McpActors.Cluster.Sql.sqlite.";

    /// <summary>The migrations of this version, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = Load();

    /// <summary>Applies what is missing. Answers how many ran.</summary>
    public static async Task<int> ApplyAsync(SqliteConnection connection, TimeProvider time, CancellationToken ct)
    {
        await ExecuteAsync(connection, null,
            "CREATE TABLE IF NOT EXISTS mcpactors_migrations (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)", ct);
        var count = 0;
        foreach (var migration in All)
        {
            // Immediate: two nodes that start at once take turns, and the second finds the entry.
            await using var transaction = connection.BeginTransaction(deferred: false);
            if (!await IsAppliedAsync(connection, transaction, migration, ct))
            {
                await ExecuteAsync(connection, transaction, migration.Sql, ct);
                await NoteAsync(connection, transaction, migration, time, ct);
                count++;
            }

            await transaction.CommitAsync(ct);
        }

        return count;
    }

    private static async Task<bool> IsAppliedAsync(SqliteConnection connection, SqliteTransaction transaction, Migration migration, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT COUNT(*) FROM mcpactors_migrations WHERE version = $version";
        command.Parameters.AddWithValue("$version", migration.Version);
        return (long)(await command.ExecuteScalarAsync(ct))! > 0;
    }

    private static async Task NoteAsync(SqliteConnection connection, SqliteTransaction transaction, Migration migration, TimeProvider time, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO mcpactors_migrations (version, name, applied_at) VALUES ($version, $name, $at)";
        command.Parameters.AddWithValue("$version", migration.Version);
        command.Parameters.AddWithValue("$name", migration.Name);
        command.Parameters.AddWithValue("$at", time.GetUtcNow().UtcTicks);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, SqliteTransaction? transaction, string sql, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(ct);
    }

    private static List<Migration> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => Parse(assembly, name))
            .OrderBy(migration => migration.Version)];
    }

    /// <summary>From <c>V001__journal_probe.sql</c>.</summary>
    private static Migration Parse(Assembly assembly, string resource)
    {
        var parts = resource[Prefix.Length..^".sql".Length].Split("__");
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new Migration(int.Parse(parts[0].AsSpan(1), CultureInfo.InvariantCulture), parts[1], reader.ReadToEnd());
    }
}
