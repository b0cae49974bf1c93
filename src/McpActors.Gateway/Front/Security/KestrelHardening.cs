using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace McpActors.Gateway.Front.Security;

/// <summary>Limits that every listener of the node shares: slow, endless and many clients cost a bounded amount.</summary>
public static class KestrelHardening
{
    /// <summary>Open connections over all listeners; Kestrel's own default is none.</summary>
    public const int DefaultMaxConnections = 15_000;

    /// <summary>
    /// Must run before Kestrel starts: bare line feeds end no header line here (another parser in front might think otherwise).
    /// </summary>
    public static void RefuseBareLineFeeds() =>
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);

    /// <param name="options">Kestrel's options.</param>
    /// <param name="maxRequestBytes">Largest request body, bytes (<c>limits.request</c>); more is answered with 413.</param>
    /// <param name="maxConnections">Open connections over all listeners.</param>
    public static void Apply(KestrelServerOptions options, long maxRequestBytes, int maxConnections = DefaultMaxConnections)
    {
        ArgumentNullException.ThrowIfNull(options);
        RefuseBareLineFeeds();
        options.AddServerHeader = false;
        var limits = options.Limits;
        limits.MaxRequestBodySize = maxRequestBytes;
        limits.MaxConcurrentConnections = maxConnections;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(65);
        limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
    }
}
