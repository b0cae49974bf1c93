using System.Data.Common;
using LinqToDB;
using Npgsql;

namespace McpActors.Cluster.Persistence;

/// <summary>A PostgreSQL database, version 15 or later, for nodes on several machines.</summary>
internal sealed class PostgresStore(string connection) : Store(Complete(connection))
{
    /// <summary>Names our lock among the advisory locks of the database.</summary>
    private const long LockKey = 0x6D63_7061_6374_6F72;

    private const int TimeoutSeconds = 5, PoolSize = 20;

    internal override string Name => "postgres";

    internal override bool MigratesItself => false;

    private protected override string Hocon => PluginHocon(
        ProviderName.PostgreSQL15,
        initialize: false,
        "parallelism = 3",
        "max-failures = 10, call-timeout = 5s, reset-timeout = 2s");

    private protected override DataOptions Options => new DataOptions().UseConnectionString(ProviderName.PostgreSQL15, Connection);

    internal static string? Explain(DbException fault) => fault switch
    {
        PostgresException server => "PostgreSQL: " + Text(server),
        NpgsqlException { InnerException: TimeoutException } => "PostgreSQL: the server did not answer in time",
        NpgsqlException => "PostgreSQL: the server cannot be reached",
        _ => null,
    };

    internal static bool IsUniqueViolation(DbException fault) => fault is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    internal override async Task<DbConnection> OpenAsync(CancellationToken ct)
    {
        var opened = new NpgsqlConnection(Connection);
        try
        {
            await opened.OpenAsync(ct);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    // The lock ends with the transaction, whatever becomes of the process.
    internal override async Task<DbTransaction> BeginAloneAsync(DbConnection connection, CancellationToken ct)
    {
        var transaction = await connection.BeginTransactionAsync(ct);
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@key)", ct, ("key", LockKey));
        return transaction;
    }

    // For this transaction only: the connection may serve the journal next.
    internal override async Task<DbTransaction> BeginUnforcedAsync(DbConnection connection, CancellationToken ct)
    {
        var transaction = await connection.BeginTransactionAsync(ct);
        await connection.ExecuteAsync("SET LOCAL synchronous_commit TO OFF", ct);
        return transaction;
    }

    internal override async Task<bool> HasTableAsync(DbConnection connection, string table, CancellationToken ct) =>
        await connection.ScalarAsync("SELECT COUNT(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = @table", ct, ("table", table)) > 0;

    private static string Text(PostgresException fault) => fault.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation => "the row exists already",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn => "its tables are not those of this version; run 'mcpactors migrate'",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "it does not accept this user and password",
        PostgresErrorCodes.InvalidCatalogName => "there is no such database",
        PostgresErrorCodes.InsufficientPrivilege => "the user lacks a privilege",
        PostgresErrorCodes.TooManyConnections => "it has too many connections",
        PostgresErrorCodes.DiskFull => "its disk is full",
        PostgresErrorCodes.ReadOnlySqlTransaction => "it is read-only",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => "it is stopping or starting",
        _ => $"error {fault.SqlState}",
    };

    /// <summary>The connection string with what we rely on, where it does not say otherwise: short timeouts, and a pool that leaves room for other nodes.</summary>
    private static string Complete(string connection)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection);
        // A key that was not written reads as the driver's default.
        var given = new DbConnectionStringBuilder { ConnectionString = connection };
        if (!given.ContainsKey("Timeout"))
            builder.Timeout = TimeoutSeconds;
        if (!given.ContainsKey("Command Timeout"))
            builder.CommandTimeout = TimeoutSeconds;
        if (!given.ContainsKey("Maximum Pool Size") && !given.ContainsKey("MaxPoolSize"))
            builder.MaxPoolSize = PoolSize;
        if (!given.ContainsKey("Application Name"))
            builder.ApplicationName = "mcpactors";
        return builder.ToString();
    }
}
