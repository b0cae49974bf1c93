using System.Net;

namespace McpActors.Transports.Registries;

/// <summary>The connections to registries: few and seldom, so that one pool serves all.</summary>
public sealed class RegistryHttp : IDisposable
{
    /// <summary>Sends requests. Follows no redirects and keeps no cookies.</summary>
    public HttpMessageInvoker Client { get; } = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = 4,
        MaxResponseHeadersLength = 32,
    });

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
