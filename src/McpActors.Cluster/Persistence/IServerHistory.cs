using McpActors.Core.Servers;

namespace McpActors.Cluster.Persistence;

/// <summary>One thing that happened to a server.</summary>
/// <param name="Sequence">Its number in the server's journal; grows, without gaps.</param>
/// <param name="At">When.</param>
/// <param name="Kind">What, as a stable name: <c>circuitOpened</c>, <c>eraLearned</c>.</param>
/// <param name="Text">The same for people, one line.</param>
/// <param name="Details">Its particulars, by stable names.</param>
public sealed record HistoryEntry(long Sequence, DateTimeOffset At, string Kind, string Text, IReadOnlyDictionary<string, string> Details);

/// <summary>The journal did not tell what happened: its store is down, or the node is stopping.</summary>
public sealed class HistoryUnavailableException(string message, Exception inner) : Exception(message, inner);

/// <summary>Reads what happened to a server, from the journal. Both throw <see cref="HistoryUnavailableException"/> when it cannot be read now.</summary>
public interface IServerHistory
{
    /// <summary>The entries after a number, oldest first. With 0 for <paramref name="after"/>: from the beginning.</summary>
    /// <param name="server">The server.</param>
    /// <param name="after">The last number the caller has.</param>
    /// <param name="limit">Entries at most. 1 to 1,000.</param>
    /// <param name="ct">Gives up.</param>
    Task<IReadOnlyList<HistoryEntry>> ReadAsync(ServerId server, long after, int limit, CancellationToken ct);

    /// <summary>The newest entries, oldest of them first.</summary>
    Task<IReadOnlyList<HistoryEntry>> ReadLastAsync(ServerId server, int limit, CancellationToken ct);
}
