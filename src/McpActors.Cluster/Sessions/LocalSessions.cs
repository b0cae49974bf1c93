using System.Collections.Concurrent;
using McpActors.Core.Sessions;

namespace McpActors.Cluster.Sessions;

/// <summary>The sessions whose actors run on this node, by name, as they are, for who looks on. Thread-safe.</summary>
internal sealed class LocalSessions
{
    private readonly ConcurrentDictionary<string, SessionState> _open = new(StringComparer.Ordinal);

    public int Count => _open.Count;

    /// <summary>Those that are open, at this moment.</summary>
    public IEnumerable<SessionState> Open => _open.Select(pair => pair.Value);

    /// <summary>Notes how a session is now; one that is not open is forgotten.</summary>
    public void Note(string name, SessionState state)
    {
        if (state.IsOpen)
            _open[name] = state;
        else
            _open.TryRemove(name, out _);
    }

    /// <summary>Its actor stops.</summary>
    public void Remove(string name) => _open.TryRemove(name, out _);
}
