using System.Data.Common;
using System.Globalization;
using McpActors.Cluster.Serialization;
using McpActors.Core.Servers;
using McpActors.Core.Sessions;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// Entities as the journal knows them last, many at once, for who only looks: an actor that is woken to be looked at gets a place in the cluster, and keeps it.
/// </summary>
internal sealed class LastStates(Store store, SessionSettings sessions, TimeProvider time)
{
    private const string ServerPrefix = "server-", SessionPrefix = "session-";

    private static readonly string SessionClosedManifest = WireFormat.Current.For(typeof(SessionClosed)).Manifest;

    /// <summary>The states of those of these servers that have a past.</summary>
    public Task<IReadOnlyDictionary<ServerId, ServerState>> ServersAsync(IReadOnlyCollection<ServerId> servers, CancellationToken ct) => Task.Run<IReadOnlyDictionary<ServerId, ServerState>>(async () =>
    {
        if (servers.Count == 0)
            return new Dictionary<ServerId, ServerState>();
        await using var connection = await store.OpenAsync(ct);
        var (names, parameters) = In(servers.Select(server => ServerPrefix + server.Value));
        var states = new Dictionary<ServerId, ServerState>();
        var snapshots = await connection.QueryAsync(
            $"""
            SELECT persistence_id, manifest, snapshot FROM snapshot s WHERE persistence_id IN ({names})
              AND sequence_number = (SELECT MAX(sequence_number) FROM snapshot WHERE persistence_id = s.persistence_id)
            """, Read, ct, parameters);
        foreach (var (server, state) in snapshots)
            states[new ServerId(server[ServerPrefix.Length..])] = (ServerState)state;
        var events = await connection.QueryAsync(
            $"""
            SELECT persistence_id, manifest, message FROM journal j WHERE persistence_id IN ({names})
              AND sequence_number > COALESCE((SELECT MAX(sequence_number) FROM snapshot WHERE persistence_id = j.persistence_id), 0)
            ORDER BY persistence_id, sequence_number
            """, Read, ct, parameters);
        foreach (var (server, change) in events)
        {
            var id = new ServerId(server[ServerPrefix.Length..]);
            states[id] = states.GetValueOrDefault(id, ServerState.Initial).Evolve((IServerEvent)change);
        }

        return states;
    }, ct);

    /// <summary>The first sessions whose handle comes after this one, in the order of their handles; ended ones and those whose idle time is over are left out.</summary>
    public Task<IReadOnlyList<(string Handle, SessionState State)>> SessionsAsync(string after, int limit, CancellationToken ct) => Task.Run<IReadOnlyList<(string, SessionState)>>(async () =>
    {
        await using var connection = await store.OpenAsync(ct);
        var open = (await OpenSessionsAsync(connection, ct))
            .Select(name => (Handle: SessionHandle.OfName(name), Name: name))
            .Where(session => string.CompareOrdinal(session.Handle, after) > 0)
            .OrderBy(session => session.Handle, StringComparer.Ordinal);
        var found = new List<(string Handle, SessionState State)>();
        foreach (var chunk in open.Chunk(limit))
        {
            var states = await StatesAsync(connection, chunk.Select(session => session.Name), ct);
            found.AddRange(chunk
                .Where(session => states.TryGetValue(session.Name, out var state) && SessionDecider.DecideIdle(state, time.GetUtcNow(), sessions) is null)
                .Select(session => (session.Handle, states[session.Name])));
            if (found.Count >= limit)
                break;
        }

        return [.. found.Take(limit)];
    }, ct);

    /// <summary>The id of the session with this handle that was not ended; null: there is none.</summary>
    public Task<string?> FindSessionAsync(string handle, CancellationToken ct) => Task.Run(async () =>
    {
        await using var connection = await store.OpenAsync(ct);
        return (await OpenSessionsAsync(connection, ct)).FirstOrDefault(name => SessionHandle.OfName(name) == handle) is { } found
            ? (await StatesAsync(connection, [found], ct)).GetValueOrDefault(found)?.Info?.Id
            : null;
    }, ct);

    /// <summary>The names of the sessions that nobody ended.</summary>
    private static async Task<IEnumerable<string>> OpenSessionsAsync(DbConnection connection, CancellationToken ct)
    {
        var names = await connection.QueryAsync(
            """
            SELECT persistence_id FROM journal WHERE persistence_id LIKE 'session-%'
            GROUP BY persistence_id HAVING SUM(CASE WHEN manifest = @closed THEN 1 ELSE 0 END) = 0
            """, row => row.GetString(0)[SessionPrefix.Length..], ct, ("closed", SessionClosedManifest));
        return names.Where(SessionHandle.IsName);
    }

    private async Task<Dictionary<string, SessionState>> StatesAsync(DbConnection connection, IEnumerable<string> sessionNames, CancellationToken ct)
    {
        var (names, parameters) = In(sessionNames.Select(name => SessionPrefix + name));
        var events = await connection.QueryAsync(
            $"SELECT persistence_id, manifest, message FROM journal WHERE persistence_id IN ({names}) ORDER BY persistence_id, sequence_number", Read, ct, parameters);
        return events.GroupBy(row => row.Entity, row => (ISessionEvent)row.Value, StringComparer.Ordinal)
            .Select(session => (Name: session.Key[SessionPrefix.Length..], State: SessionDecider.Recover(session, sessions)))
            .Where(session => session.State.IsOpen)
            .ToDictionary(session => session.Name, session => session.State, StringComparer.Ordinal);
    }

    private static (string Entity, object Value) Read(DbDataReader row) =>
        (row.GetString(0), WireFormat.Current.For(row.GetString(1)).Read(row.GetFieldValue<byte[]>(2)));

    private static (string Names, (string Name, object? Value)[] Parameters) In(IEnumerable<string> values)
    {
        var parameters = values.Select((value, i) => (Name: "p" + i.ToString(CultureInfo.InvariantCulture), Value: (object?)value)).ToArray();
        return (string.Join(", ", parameters.Select(parameter => "@" + parameter.Name)), parameters);
    }
}
