using System.Data.Common;
using Akka.Hosting;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using McpActors.Core.Configuration;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// The database behind the journal, the snapshots, and the tables of our own: how it is opened, and where the kinds of it differ.
/// All other SQL is the same for each of them.
/// </summary>
public abstract class Store
{
    private protected Store(string connection) => Connection = connection;

    /// <summary>The connection string, completed with what we rely on.</summary>
    internal string Connection { get; }

    /// <summary>Its name in the configuration, and the folder of its migrations.</summary>
    internal abstract string Name { get; }

    /// <summary>Whether a node may change the tables by itself when it starts. Not where many nodes share them: there it is a step of its own.</summary>
    internal abstract bool MigratesItself { get; }

    /// <summary>A transaction on a connection of our own whose commit does not wait for the disk.</summary>
    internal abstract Task<DbTransaction> BeginUnforcedAsync(DbConnection connection, CancellationToken ct);

    /// <summary>What the persistence plugins are told, beside the data options.</summary>
    private protected abstract string Hocon { get; }

    private protected abstract DataOptions Options { get; }

    /// <summary>The store that a configuration names.</summary>
    public static Store Of(PersistenceProvider provider, string connection) => provider switch
    {
        PersistenceProvider.Sqlite => new SqliteStore(connection),
        PersistenceProvider.Postgres => new PostgresStore(connection),
        _ => throw new ArgumentOutOfRangeException(nameof(provider)),
    };

    /// <summary>Adds journal, snapshot store and read journal; makes them the default plugins.</summary>
    internal AkkaConfigurationBuilder Configure(AkkaConfigurationBuilder builder)
    {
        Prepare();
        return builder
            .AddHocon(Hocon, HoconAddMode.Prepend)
            .AddSetup(new DataOptionsSetup(Options));
    }

    /// <summary>Makes what must be there before the store is opened.</summary>
    internal virtual void Prepare()
    {
    }

    /// <summary>A connection of our own, for what is no event. The caller disposes it.</summary>
    internal abstract Task<DbConnection> OpenAsync(CancellationToken ct);

    /// <summary>A transaction that no other process can be in at the same time.</summary>
    internal abstract Task<DbTransaction> BeginAloneAsync(DbConnection connection, CancellationToken ct);

    /// <summary>Whether a table is there.</summary>
    internal abstract Task<bool> HasTableAsync(DbConnection connection, string table, CancellationToken ct);

    /// <summary>What a fault of this kind of store means, in a few words without paths and secrets. Null: it is none of its faults.</summary>
    internal static string? Describe(DbException fault) => SqliteStore.Explain(fault) ?? PostgresStore.Explain(fault);

    /// <summary>The plugin configuration of a provider of linq2db.</summary>
    private protected static string PluginHocon(string provider, bool initialize, string journal, string breaker)
    {
        var flag = initialize ? "true" : "false";
        return $$"""
        akka.persistence {
          max-concurrent-recoveries = 50
          journal {
            plugin = "akka.persistence.journal.sql"
            sql {
              class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
              provider-name = "{{provider}}"
              auto-initialize = {{flag}}
              warn-on-auto-init-fail = true
              batch-size = 400
              {{journal}}
              circuit-breaker { {{breaker}} }
            }
          }
          snapshot-store {
            plugin = "akka.persistence.snapshot-store.sql"
            sql {
              class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
              provider-name = "{{provider}}"
              auto-initialize = {{flag}}
              circuit-breaker { {{breaker}} }
            }
          }
          query.journal.sql {
            class = "Akka.Persistence.Sql.Query.SqlReadJournalProvider, Akka.Persistence.Sql"
            provider-name = "{{provider}}"
            write-plugin = "akka.persistence.journal.sql"
          }
        }
        """;
    }
}
