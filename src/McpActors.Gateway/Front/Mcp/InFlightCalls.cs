using System.Collections.Concurrent;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>The running calls of sessions on this node, by session and request id, so that <c>notifications/cancelled</c> finds them.</summary>
internal sealed class InFlightCalls
{
    private readonly ConcurrentDictionary<(string Session, string Id), CancellationTokenSource> _calls = new();

    /// <summary>Calls known now.</summary>
    public int Count => _calls.Count;

    /// <summary>Makes a call findable. A second call under an id that is still in use replaces the first: only it can be cancelled from then on.</summary>
    public void Add(string session, string rawId, CancellationTokenSource cancel) => _calls[(session, rawId)] = cancel;

    /// <summary>Forgets a call that ended.</summary>
    public void Remove(string session, string rawId, CancellationTokenSource cancel) =>
        ((ICollection<KeyValuePair<(string, string), CancellationTokenSource>>)_calls).Remove(new((session, rawId), cancel));

    /// <summary>Cancels a call of the session; false when there is none (any more), which is no fault.</summary>
    public bool Cancel(string session, string rawId)
    {
        if (!_calls.TryRemove((session, rawId), out var cancel))
            return false;
        try
        {
            cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended in this very moment.
            return false;
        }

        return true;
    }
}
