using McpActors.Core.Servers;

namespace McpActors.Cluster.Servers.Leases;

/// <summary>
/// Which servers were called here a moment ago: a lease pays from the second call on, and a cluster with thousands of servers, each called now and then, would be
/// busy with leases that nobody uses. Two generations of names, so that nothing has to be looked through to forget. Thread-safe.
/// </summary>
/// <param name="within">How long a call is remembered at least; at most twice as long.</param>
internal sealed class CalledLately(TimeSpan within)
{
    private readonly Lock _lock = new();
    private HashSet<ServerId> _young = [];
    private HashSet<ServerId> _old = [];
    private DateTimeOffset _youngSince;

    /// <summary>Notes a call. True when it is not the first one lately.</summary>
    public bool Again(ServerId server, DateTimeOffset now)
    {
        lock (_lock)
        {
            var age = now - _youngSince;
            if (age >= within)
            {
                (_old, _young) = (age < within * 2 ? _young : [], []);
                _youngSince = now;
            }

            return !_young.Add(server) || _old.Contains(server);
        }
    }
}
