using System.Collections.Concurrent;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Transports;

/// <summary>The open connections of this node, so that a carrier finds the one that an actor named by its id. Thread-safe.</summary>
public sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<long, IUpstreamConnection> _connections = new();
    private long _lastId;

    /// <summary>How many there are.</summary>
    public int Count => _connections.Count;

    /// <summary>An id that this node has not used.</summary>
    public ConnectionId NextId() => new(Interlocked.Increment(ref _lastId));

    /// <summary>Lists a connection. Its owner removes it before disposing it.</summary>
    public void Add(IUpstreamConnection connection)
    {
        if (!_connections.TryAdd(connection.Id.Value, connection))
        {
            throw new InvalidOperationException($"Connection {connection.Id} is listed already");
        }
    }

    /// <summary>The connection, or null when it has gone.</summary>
    public IUpstreamConnection? Find(ConnectionId id) => _connections.GetValueOrDefault(id.Value);

    /// <summary>Forgets it.</summary>
    public void Remove(ConnectionId id) => _connections.TryRemove(id.Value, out _);
}
