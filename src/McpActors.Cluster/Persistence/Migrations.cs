using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace McpActors.Cluster.Persistence;

/// <summary>One numbered change of the store's tables.</summary>
/// <param name="Version">Its number, from 1, without gaps.</param>
/// <param name="Name">What it is about.</param>
/// <param name="Sql">The statements.</param>
internal sealed record Migration(int Version, string Name, string Sql);

/// <summary>
/// Brings the tables of a store up to date. Each migration runs once, in one transaction with its entry in the list of those that ran, however many
/// processes try at the same time.
/// </summary>
internal static class Migrations
{
    private const string List = "mcpactors_migrations";

    /// <summary>The migrations of this version for a store, in order.</summary>
    public static IReadOnlyList<Migration> For(Store store) => Load($"McpActors.Cluster.Sql.{store.Name}.");

    /// <summary>The number of the last migration that ran; 0 for a new store.</summary>
    public static async Task<int> VersionAsync(Store store, DbConnection connection, CancellationToken ct) =>
        await store.HasTableAsync(connection, List, ct)
            ? (int)await connection.ScalarAsync($"SELECT MAX(version) FROM {List}", ct)
            : 0;

    /// <summary>Applies what is missing. Answers what ran.</summary>
    public static async Task<IReadOnlyList<Migration>> ApplyAsync(Store store, DbConnection connection, TimeProvider time, CancellationToken ct)
    {
        var applied = new List<Migration>();
        foreach (var migration in For(store))
        {
            await using var transaction = await store.BeginAloneAsync(connection, ct);
            // Within the transaction: on PostgreSQL two who create a table at once are not harmless, even with IF NOT EXISTS.
            await connection.ExecuteAsync($"CREATE TABLE IF NOT EXISTS {List} (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)", ct);
            if (await connection.ScalarAsync($"SELECT COUNT(*) FROM {List} WHERE version = @version", ct, ("version", migration.Version)) == 0)
            {
                await connection.ExecuteAsync(migration.Sql, ct);
                await connection.ExecuteAsync($"INSERT INTO {List} (version, name, applied_at) VALUES (@version, @name, @at)", ct,
                    ("version", migration.Version), ("name", migration.Name), ("at", time.GetUtcNow().UtcTicks));
                applied.Add(migration);
            }

            await transaction.CommitAsync(ct);
        }

        return applied;
    }

    private static List<Migration> Load(string prefix)
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => Parse(assembly, name, prefix))
            .OrderBy(migration => migration.Version)];
    }

    /// <summary>From <c>V001__journal_probe.sql</c>.</summary>
    private static Migration Parse(Assembly assembly, string resource, string prefix)
    {
        var parts = resource[prefix.Length..^".sql".Length].Split("__");
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new Migration(int.Parse(parts[0].AsSpan(1), CultureInfo.InvariantCulture), parts[1], reader.ReadToEnd());
    }
}
