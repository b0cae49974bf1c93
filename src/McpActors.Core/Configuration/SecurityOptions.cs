namespace McpActors.Core.Configuration;

/// <summary>Who may use a listener.</summary>
public enum AuthMode
{
    /// <summary>Everybody who reaches it: for loopback.</summary>
    None,

    /// <summary>Holders of an API key.</summary>
    Keys,
}

/// <summary>Who may use a listener (<c>auth</c>).</summary>
public sealed record AuthOptions
{
    /// <summary>The defaults.</summary>
    public static AuthOptions Default { get; } = new();

    /// <summary>How callers are known. Default none.</summary>
    public AuthMode Mode { get; init; } = AuthMode.None;

    /// <summary>
    /// A key with every scope on this listener, to make the first keys with; <c>mcpactors keys create --offline</c> makes one. Best read from a file.
    /// Default none.
    /// </summary>
    public string? BootstrapKey { get; init; }
}

/// <summary>Certificate of a listener (<c>tls</c>).</summary>
public sealed record TlsOptions
{
    /// <summary>Nothing set: no TLS.</summary>
    public static TlsOptions None { get; } = new();

    /// <summary>PEM file with the certificate, and those of the authorities between it and the root. Default none.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file with its private key. Default none.</summary>
    public string? Key { get; init; }

    /// <summary>PEM file with the authority that other nodes' certificates come from (<c>cluster.tls</c>). Default none.</summary>
    public string? Authority { get; init; }

    /// <summary>Whether TLS is on.</summary>
    public bool IsOn => Certificate is not null;
}
