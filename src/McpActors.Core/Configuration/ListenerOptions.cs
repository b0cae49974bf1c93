using System.Net;

namespace McpActors.Core.Configuration;

/// <summary>One HTTP listener (<c>front</c>, <c>management</c>).</summary>
public sealed record ListenerOptions
{
    /// <summary>The defaults of the listener for MCP clients.</summary>
    public static ListenerOptions Front { get; } = new() { Listen = new HostPort("127.0.0.1", 8080) };

    /// <summary>The defaults of the listener for operators.</summary>
    public static ListenerOptions Management { get; } = new() { Listen = new HostPort("127.0.0.1", 8558) };

    /// <summary>Address. Default 127.0.0.1:8080 (front), 127.0.0.1:8558 (management); port 0 takes a free one.</summary>
    public required HostPort Listen { get; init; }

    /// <summary>The URL users reach it by, where a proxy stands before it. Default none.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Values of <c>Host</c> that are served beside loopback: names, or name:port. Default none.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Values of <c>Origin</c> that are served beside loopback: scheme://host[:port]. Default none.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Proxies whose forwarded headers are believed: addresses or networks. Default none.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Who may use it. Default everybody.</summary>
    public AuthOptions Auth { get; init; } = AuthOptions.Default;

    /// <summary>Its certificate. Default none: plain HTTP.</summary>
    public TlsOptions Tls { get; init; } = TlsOptions.None;

    /// <summary>Lets the listener leave loopback without authentication. Default false.</summary>
    public bool Insecure { get; init; }
}
