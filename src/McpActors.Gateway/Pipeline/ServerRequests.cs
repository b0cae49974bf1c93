using System.Collections.Concurrent;
using System.Globalization;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Gateway.Pipeline;

/// <summary>Where the answer to a server's request goes.</summary>
/// <param name="Session">The client's session that may answer it; nobody else may.</param>
/// <param name="Connection">The upstream connection the request came on.</param>
/// <param name="UpstreamId">The id under which the server asked, as JSON.</param>
internal sealed record ServerRequest(string Session, ConnectionId Connection, byte[] UpstreamId);

/// <summary>
/// Requests of servers (elicitation, sampling, roots) that were passed to clients of this node and wait for an answer. They get an id of ours,
/// because two servers behind one session may use the same.
/// </summary>
internal sealed class ServerRequests
{
    /// <summary>Most requests that wait at a time on this node; more are refused, so that a server cannot fill the memory.</summary>
    public const int Capacity = 10_000;

    private readonly ConcurrentDictionary<long, ServerRequest> _waiting = new();

    // Ids of two nodes differ: one session's answers may enter by either. Below 2^53, so that every client keeps them exactly.
    private long _last = (long)System.Security.Cryptography.RandomNumberGenerator.GetInt32(1 << 20) << 32;
    private int _count;

    /// <summary>Requests that wait now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a request in and names it; false when too many wait.</summary>
    public bool TryAdd(ServerRequest request, out long id)
    {
        id = 0;
        if (Interlocked.Increment(ref _count) > Capacity)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        id = Interlocked.Increment(ref _last);
        _waiting[id] = request;
        return true;
    }

    /// <summary>Takes the request out that this session answers; null when it waits for no such answer.</summary>
    public ServerRequest? Take(string session, ReadOnlySpan<byte> rawId)
    {
        if (!long.TryParse(rawId, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !_waiting.TryGetValue(id, out var request)
            || request.Session != session)
        {
            return null;
        }

        return Remove(id) ? request : null;
    }

    /// <summary>Forgets a request whose call is over.</summary>
    public bool Remove(long id)
    {
        if (!_waiting.TryRemove(id, out _))
            return false;
        Interlocked.Decrement(ref _count);
        return true;
    }
}
