using System.Net.Http.Headers;
using System.Net.Security;
using McpActors.Cluster.Security;
using McpActors.Core.Configuration;

namespace McpActors.Cluster.Nodes;

/// <summary>How nodes speak HTTP with each other.</summary>
public sealed record NodeHttpSettings
{
    /// <summary>The settings of a cluster: both sides show a certificate of its authority, as in remoting.</summary>
    public static NodeHttpSettings Of(TlsOptions tls)
    {
        ArgumentNullException.ThrowIfNull(tls);
        if (!tls.IsOn)
            return new NodeHttpSettings();
        var certificates = new NodeCertificates(tls, TimeProvider.System);
        return new NodeHttpSettings
        {
            Tls = new SslClientAuthenticationOptions
            {
                ClientCertificates = [certificates.Own],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificates.Trusts(certificate),
            },
        };
    }

    /// <summary>Certificates of the client side; null: no TLS, which loopback alone allows. Default null.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>How long connecting to another node may take. Default 2 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>The HTTP client towards the internal listeners of other nodes.</summary>
public sealed class NodeHttp : IDisposable
{
    /// <summary>Creates it; nothing is opened before the first request.</summary>
    public NodeHttp(NodeHttpSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = settings.ConnectTimeout,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = int.MaxValue,         // the bulkheads of the servers limit
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            ResponseDrainTimeout = TimeSpan.Zero,           // an answer nobody waits for is a cancellation: the connection closes at once
        };
        if (settings.Tls is { } tls)
            handler.SslOptions = tls;
        Invoker = new HttpMessageInvoker(handler);
    }

    /// <summary>Sends the requests.</summary>
    public HttpMessageInvoker Invoker { get; }

    /// <summary>A request to a path of a node's internal listener.</summary>
    public static HttpRequestMessage Request(HttpMethod method, NodeCard node, string path)
    {
        ArgumentNullException.ThrowIfNull(node);
        var request = new HttpRequestMessage(method, new Uri(node.Internal, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.Token);
        return request;
    }

    /// <inheritdoc/>
    public void Dispose() => Invoker.Dispose();
}
