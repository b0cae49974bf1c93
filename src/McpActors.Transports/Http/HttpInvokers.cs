using System.Net;
using McpActors.Core.Servers;

namespace McpActors.Transports.Http;

/// <summary>
/// One connection pool per server, shared by its upstream sessions and closed with the last of them: a server that is slow to connect, or
/// holds its connections, never takes anything from another. Thread-safe.
/// </summary>
internal sealed class HttpInvokers : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PoolKey, Pool> _pools = [];

    /// <summary>Takes part in a server's pool until the lease is disposed.</summary>
    public Lease Rent(ServerId server, TimeSpan connectTimeout)
    {
        var key = new PoolKey(server, connectTimeout);
        lock (_lock)
        {
            if (!_pools.TryGetValue(key, out var pool))
            {
                _pools[key] = pool = new Pool(new HttpMessageInvoker(CreateHandler(connectTimeout), disposeHandler: true));
            }

            pool.Users++;
            return new Lease(this, key, pool.Invoker);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var pool in _pools.Values)
            {
                pool.Invoker.Dispose();
            }

            _pools.Clear();
        }
    }

    /// <summary>The number of pools, for tests.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _pools.Count;
            }
        }
    }

    private static SocketsHttpHandler CreateHandler(TimeSpan connectTimeout) => new()
    {
        ConnectTimeout = connectTimeout,
        AllowAutoRedirect = false,      // a redirect would carry our credentials to an address nobody configured
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxConnectionsPerServer = int.MaxValue,     // the bulkhead limits
        EnableMultipleHttp2Connections = true,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        ResponseDrainTimeout = TimeSpan.Zero,       // an answer nobody waits for is a cancellation: the connection closes at once
    };

    private void Return(PoolKey key)
    {
        HttpMessageInvoker? unused = null;
        lock (_lock)
        {
            if (_pools.TryGetValue(key, out var pool) && --pool.Users == 0)
            {
                _pools.Remove(key);
                unused = pool.Invoker;
            }
        }

        unused?.Dispose();
    }

    internal readonly record struct PoolKey(ServerId Server, TimeSpan ConnectTimeout);

    private sealed class Pool(HttpMessageInvoker invoker)
    {
        public HttpMessageInvoker Invoker => invoker;

        public int Users { get; set; }
    }

    /// <summary>A share in a server's pool.</summary>
    internal sealed class Lease(HttpInvokers owner, PoolKey key, HttpMessageInvoker invoker) : IDisposable
    {
        private int _returned;

        public HttpMessageInvoker Invoker => invoker;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
            {
                owner.Return(key);
            }
        }
    }
}
