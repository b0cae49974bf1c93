using System.Net;
using System.Net.Sockets;
using McpActors.Core.Servers;

namespace McpActors.Transports.Http;

/// <summary>
/// One connection pool per server and replica, shared by its upstream sessions and closed with the last of them: one that is slow to connect, or
/// holds its connections, never takes anything from another. Thread-safe.
/// </summary>
internal sealed class HttpInvokers : IDisposable
{
    private const int KeepAliveSeconds = 30;
    private const int KeepAliveIntervalSeconds = 10;
    private const int KeepAliveProbes = 3;

    private readonly Lock _lock = new();
    private readonly Dictionary<PoolKey, Pool> _pools = [];

    /// <summary>Takes part in the pool of a server's replica until the lease is disposed.</summary>
    public Lease Rent(ServerId server, Uri url, TimeSpan connectTimeout)
    {
        var key = new PoolKey(server, url, connectTimeout);
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
        ConnectCallback = ConnectAsync,
        ResponseDrainTimeout = TimeSpan.Zero,       // an answer nobody waits for is a cancellation: the connection closes at once
    };

    /// <summary>As the handler does it, and with probes on idle connections: a stream whose server has vanished without a word would be read for ever.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
            await socket.ConnectAsync(context.DnsEndPoint, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

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

    internal readonly record struct PoolKey(ServerId Server, Uri Url, TimeSpan ConnectTimeout);

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
