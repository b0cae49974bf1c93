using System.Data.Common;
using System.Net.Sockets;
using Akka.Pattern;
using Akka.Streams;

namespace McpActors.Cluster.Persistence;

/// <summary>Says in a few words what a store complained about. Its own messages may hold paths and connection strings; these do not.</summary>
internal static class StoreFault
{
    /// <summary>True when the row exists already: somebody else wrote it, or we did and did not hear of it.</summary>
    public static bool IsUniqueViolation(Exception fault) =>
        Find<DbException>(fault) is { } store && (SqliteStore.IsUniqueViolation(store) || PostgresStore.IsUniqueViolation(store));

    /// <summary>True for what a store may do at any time, as against a defect of ours.</summary>
    public static bool IsOutage(Exception fault) => fault is DbException or TimeoutException or IOException or SocketException;

    /// <summary>True when reading failed for the store, or because the node is stopping and streams no more, as against a defect of ours.</summary>
    public static bool IsUnread(Exception fault) => Find<DbException>(fault) is not null || IsOutage(fault) || IsStopped(fault);

    public static string Describe(Exception fault)
    {
        if (Find<DbException>(fault) is { } store && Store.Describe(store) is { } told)
            return told;
        if (Find<OpenCircuitException>(fault) is not null)
            return "the store failed repeatedly and is left alone for a moment";
        if (IsStopped(fault))
            return "the node is stopping";
        return Find<TimeoutException>(fault) is not null
            ? "the store did not answer in time"
            : $"the store failed ({(fault.InnerException ?? fault).GetType().Name})";
    }

    private static bool IsStopped(Exception fault) => fault is AbruptTerminationException or IllegalStateException;

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
