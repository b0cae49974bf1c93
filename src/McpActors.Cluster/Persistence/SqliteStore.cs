using System.Data.Common;
using Akka.Hosting;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using Microsoft.Data.Sqlite;

namespace McpActors.Cluster.Persistence;

/// <summary>The journal, the snapshots and the read side on one SQLite file.</summary>
public static class SqliteStore
{
    /// <summary>How long a write waits for another process's lock before it fails, in seconds.</summary>
    private const int BusySeconds = 5;

    // FULL: what was acknowledged survives a loss of power. WAL: readers never wait for the writer.
    private const string Pragmas = "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";

    private const string Hocon = """
        akka.persistence {
          max-concurrent-recoveries = 50
          journal {
            plugin = "akka.persistence.journal.sql"
            sql {
              class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
              provider-name = "SQLite.MS"
              auto-initialize = true
              warn-on-auto-init-fail = true
              parallelism = 1
              batch-size = 400
              materializer-dispatcher = "mcpactors.journal-dispatcher"
              # Longer than the busy timeout, so that a locked file is told by the store and not guessed from silence.
              circuit-breaker { max-failures = 10, call-timeout = 8s, reset-timeout = 2s }
            }
          }
          snapshot-store {
            plugin = "akka.persistence.snapshot-store.sql"
            sql {
              class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
              provider-name = "SQLite.MS"
              auto-initialize = true
              circuit-breaker { max-failures = 10, call-timeout = 8s, reset-timeout = 2s }
            }
          }
          query.journal.sql {
            class = "Akka.Persistence.Sql.Query.SqlReadJournalProvider, Akka.Persistence.Sql"
            provider-name = "SQLite.MS"
            write-plugin = "akka.persistence.journal.sql"
          }
        }
        """;

    /// <summary>Adds journal, snapshot store and read journal; makes them the default plugins.</summary>
    public static AkkaConfigurationBuilder WithMcpPersistence(this AkkaConfigurationBuilder builder, string connection)
    {
        var full = Complete(connection);
        EnsureDirectory(full);
        var options = new DataOptions()
            .UseConnectionString(ProviderName.SQLiteMS, full)
            .UseAfterConnectionOpened(Configure, ConfigureAsync);
        return builder
            .AddHocon(Hocon, HoconAddMode.Prepend)
            .AddSetup(new DataOptionsSetup(options));
    }

    /// <summary>A connection of our own to the same file, for what is no event. The caller disposes it.</summary>
    internal static async Task<SqliteConnection> OpenAsync(string connection, CancellationToken ct)
    {
        var opened = new SqliteConnection(Complete(connection));
        try
        {
            await opened.OpenAsync(ct);
            await ConfigureAsync(opened, ct);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection string with what we rely on: without a command timeout the driver retries a locked file for 30 s.</summary>
    internal static string Complete(string connection)
    {
        var builder = new SqliteConnectionStringBuilder(connection) { DefaultTimeout = BusySeconds };
        return builder.ToString();
    }

    internal static void EnsureDirectory(string connection)
    {
        var file = new SqliteConnectionStringBuilder(connection).DataSource;
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { Length: > 0 } directory)
            Directory.CreateDirectory(directory);
    }

    private static void Configure(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    private static async Task ConfigureAsync(DbConnection connection, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        await command.ExecuteNonQueryAsync(ct);
    }
}
