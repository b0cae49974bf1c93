using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>Reads who wrote what from the journal itself, not through the nodes.</summary>
internal static class JournalRows
{
    private const string Query = "SELECT persistence_id, sequence_number, writer_uuid FROM journal ORDER BY persistence_id, sequence_number";

    /// <summary>Every row of a store.</summary>
    /// <param name="sqlite">The file, or null.</param>
    /// <param name="postgres">The connection string, where there is no file.</param>
    public static async Task<IReadOnlyList<JournalRow>> ReadAsync(string? sqlite, string? postgres)
    {
        await using DbConnection connection = sqlite is not null
            ? new SqliteConnection($"Data Source={sqlite};Pooling=False")
            : new NpgsqlConnection(postgres + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = Query;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<JournalRow>();
        while (await reader.ReadAsync())
            rows.Add(new JournalRow(reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2) ? "" : reader.GetString(2)));
        return rows;
    }
}
