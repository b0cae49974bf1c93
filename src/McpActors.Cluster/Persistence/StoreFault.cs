using Akka.Pattern;
using Microsoft.Data.Sqlite;

namespace McpActors.Cluster.Persistence;

/// <summary>Says in a few words what a store complained about. Its own messages may hold paths and connection strings; these do not.</summary>
internal static class StoreFault
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, Constraint = 19, NotADatabase = 26;

    /// <summary>True when the row exists already: somebody else wrote it, or we did and did not hear of it.</summary>
    public static bool IsUniqueViolation(Exception fault) =>
        Find<SqliteException>(fault) is { SqliteErrorCode: Constraint };

    public static string Describe(Exception fault)
    {
        if (Find<SqliteException>(fault) is { } sqlite)
            return $"SQLite: {Name(sqlite.SqliteErrorCode)}";
        if (Find<OpenCircuitException>(fault) is not null)
            return "the store failed repeatedly and is left alone for a moment";
        return Find<TimeoutException>(fault) is not null
            ? "the store did not answer in time"
            : $"the store failed ({(fault.InnerException ?? fault).GetType().Name})";
    }

    private static string Name(int code) => code switch
    {
        Busy or Locked => "the database is locked",
        ReadOnly => "the database is read-only",
        IoError => "the disk reports an error",
        Corrupt or NotADatabase => "the database file is damaged",
        Full => "the disk is full",
        CannotOpen => "the database file cannot be opened",
        Constraint => "the row exists already",
        _ => $"error {code}",
    };

    private static T? Find<T>(Exception fault)
        where T : Exception
    {
        switch (fault)
        {
            case T found:
                return found;
            case AggregateException aggregate:
                return aggregate.InnerExceptions.Select(Find<T>).FirstOrDefault(found => found is not null);
            default:
                return fault.InnerException is null ? null : Find<T>(fault.InnerException);
        }
    }
}
