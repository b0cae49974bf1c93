using System.Data.Common;
using LinqToDB;
using Microsoft.Data.Sqlite;

namespace McpActors.Cluster.Persistence;

/// <summary>One SQLite file, for nodes on one machine.</summary>
internal sealed class SqliteStore(string connection) : Store(Complete(connection))
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, Constraint = 19, NotADatabase = 26;

    /// <summary>How long a write waits for another process's lock before it fails, in seconds.</summary>
    private const int BusySeconds = 5;

    // FULL: what was acknowledged survives a loss of power. WAL: readers never wait for the writer.
    private const string Pragmas = "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";

    internal override string Name => "sqlite";

    internal override bool MigratesItself => true;

    // The breaker waits longer than the busy timeout, so that a locked file is told by the store and not guessed from silence.
    private protected override string Hocon => PluginHocon(
        "SQLite.MS",
        initialize: true,
        "parallelism = 1, materializer-dispatcher = \"mcpactors.journal-dispatcher\"",
        "max-failures = 10, call-timeout = 8s, reset-timeout = 2s");

    private protected override DataOptions Options => new DataOptions()
        .UseConnectionString(ProviderName.SQLiteMS, Connection)
        .UseAfterConnectionOpened(SetUp, SetUpAsync);

    internal static string? Explain(DbException fault) => fault is not SqliteException sqlite ? null : "SQLite: " + sqlite.SqliteErrorCode switch
    {
        Busy or Locked => "the database is locked",
        ReadOnly => "the database is read-only",
        IoError => "the disk reports an error",
        Corrupt or NotADatabase => "the database file is damaged",
        Full => "the disk is full",
        CannotOpen => "the database file cannot be opened",
        Constraint => "the row exists already",
        var code => $"error {code}",
    };

    internal static bool IsUniqueViolation(DbException fault) => fault is SqliteException { SqliteErrorCode: Constraint };

    internal override void Prepare()
    {
        var file = new SqliteConnectionStringBuilder(Connection).DataSource;
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { Length: > 0 } directory)
            Directory.CreateDirectory(directory);
    }

    internal override async Task<DbConnection> OpenAsync(CancellationToken ct)
    {
        var opened = new SqliteConnection(Connection);
        try
        {
            await opened.OpenAsync(ct);
            await SetUpAsync(opened, ct);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    // Immediate: those that come at once take turns, and each finds what the one before did.
    internal override Task<DbTransaction> BeginAloneAsync(DbConnection connection, CancellationToken ct) =>
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));

    // Each opening of a connection sets it back.
    internal override async Task<DbTransaction> BeginUnforcedAsync(DbConnection connection, CancellationToken ct)
    {
        await connection.ExecuteAsync("PRAGMA synchronous=NORMAL", ct);
        return await connection.BeginTransactionAsync(ct);
    }

    internal override async Task<bool> HasTableAsync(DbConnection connection, string table, CancellationToken ct) =>
        await connection.ScalarAsync("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = @table", ct, ("table", table)) > 0;

    /// <summary>The connection string with what we rely on: without a command timeout the driver retries a locked file for 30 s.</summary>
    private static string Complete(string connection) =>
        new SqliteConnectionStringBuilder(connection) { DefaultTimeout = BusySeconds }.ToString();

    private static void SetUp(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    private static Task SetUpAsync(DbConnection connection, CancellationToken ct) => connection.ExecuteAsync(Pragmas, ct);
}
