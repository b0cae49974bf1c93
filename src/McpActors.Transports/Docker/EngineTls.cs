using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Docker.DotNet.Handler.Abstractions;

namespace McpActors.Transports.Docker;

/// <summary>Mutual TLS with an engine, by the files that Docker's own programs use. The engine must be of that authority, and be the one that its certificate names.</summary>
internal sealed class EngineTls : IAuthProvider
{
    private readonly SslClientAuthenticationOptions _options;

    private EngineTls(SslClientAuthenticationOptions options) => _options = options;

    /// <inheritdoc/>
    public bool TlsEnabled => true;

    /// <summary>Reads the files of a folder.</summary>
    /// <exception cref="ContainerEngineException">They are not there, or not what they should be.</exception>
    public static EngineTls Read(string folder)
    {
        try
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.ImportFromPemFile(Path.Combine(folder, "ca.pem"));
            var own = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"));
            return new EngineTls(new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = trust,
                // Shown whatever authorities the engine names: there is no other.
                ClientCertificateContext = SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true),
            });
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ContainerEngineException($"DOCKER_TLS_VERIFY is set, but ca.pem, cert.pem and key.pem of {folder} cannot be used: {fault.Message}", fault);
        }
    }

    /// <inheritdoc/>
    public HttpMessageHandler ConfigureHandler(HttpMessageHandler handler)
    {
        ((SocketsHttpHandler)handler).SslOptions = _options;
        return handler;
    }
}
