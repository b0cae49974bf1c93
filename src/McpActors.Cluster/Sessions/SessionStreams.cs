using System.Collections.Concurrent;
using McpActors.Cluster.Hosting;

namespace McpActors.Cluster.Sessions;

/// <summary>The open streams of the sessions of this node. Thread-safe; nothing here waits.</summary>
public sealed class SessionStreams(NodeSettings node)
{
    private const int StreamsPerSession = 8;

    private readonly ConcurrentDictionary<string, SessionStream[]> _bySession = new(StringComparer.Ordinal);
    private long _dropped;

    /// <summary>Messages that slow readers of this node lost since its start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Opens a stream. Null when the session has too many already.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="route">Its route, for messages to everybody who uses a server.</param>
    public SessionStream? Attach(string sessionId, string route)
    {
        var stream = new SessionStream(this, sessionId, route, node.SessionBufferBytes);
        while (true)
        {
            if (!_bySession.TryGetValue(sessionId, out var open))
            {
                if (_bySession.TryAdd(sessionId, [stream]))
                    return stream;
                continue;
            }

            if (open.Length >= StreamsPerSession)
                return null;
            if (_bySession.TryUpdate(sessionId, [.. open, stream], open))
                return stream;
        }
    }

    /// <summary>The sessions that listen in this node.</summary>
    internal IEnumerable<string> Sessions => _bySession.Select(entry => entry.Key);

    /// <summary>Whether the session listens in this node.</summary>
    public bool IsAttached(string sessionId) => _bySession.ContainsKey(sessionId);

    /// <summary>Streams of the session in this node.</summary>
    public int CountOf(string sessionId) => _bySession.TryGetValue(sessionId, out var open) ? open.Length : 0;

    /// <summary>Sends to one session, on one stream: the youngest. False when it does not listen here. The bytes must not change afterwards.</summary>
    public bool Publish(string sessionId, ReadOnlyMemory<byte> message)
    {
        if (!_bySession.TryGetValue(sessionId, out var open))
            return false;
        open[^1].Write(message);
        return true;
    }

    /// <summary>Sends to every session opened on a route. Answers how many listen here.</summary>
    public int PublishToRoute(string route, ReadOnlyMemory<byte> message)
    {
        var count = 0;
        foreach (var (_, open) in _bySession)
        {
            if (open[^1].Route != route)
                continue;
            open[^1].Write(message);
            count++;
        }

        return count;
    }

    /// <summary>Ends all streams of a session, because it is over.</summary>
    public void End(string sessionId)
    {
        if (!_bySession.TryRemove(sessionId, out var open))
            return;
        foreach (var stream in open)
            stream.Complete();
    }

    internal void CountDropped() => Interlocked.Increment(ref _dropped);

    internal void Detach(SessionStream stream)
    {
        while (_bySession.TryGetValue(stream.SessionId, out var open) && open.Contains(stream))
        {
            var rest = open.Where(other => other != stream).ToArray();
            var done = rest.Length == 0
                ? _bySession.TryRemove(KeyValuePair.Create(stream.SessionId, open))
                : _bySession.TryUpdate(stream.SessionId, rest, open);
            if (done)
                return;
        }
    }
}
