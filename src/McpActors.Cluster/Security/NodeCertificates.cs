using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using McpActors.Core.Configuration;

namespace McpActors.Cluster.Security;

/// <summary>
/// By what this node proves to belong to the cluster, and how it tells who else does: a certificate of the cluster's own authority is membership, so
/// that authority must sign nothing else. Names in certificates are not compared; addresses of nodes change, the authority does not.
/// </summary>
public sealed class NodeCertificates
{
    private readonly X509Certificate2Collection _authorities = [];
    private readonly TimeProvider _time;

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">They are not there, or not what they should be.</exception>
    public NodeCertificates(TlsOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _time = time;
        try
        {
            Own = X509Certificate2.CreateFromPemFile(options.Certificate!, options.Key);
            _authorities.ImportFromPemFile(options.Authority!);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"the certificates of cluster.tls cannot be read: {fault.Message}", fault);
        }

        if (!Trusts(Own))
            throw new InvalidDataException($"{options.Certificate} was not issued by {options.Authority}, or is not valid now: no other node would believe it");
    }

    /// <summary>This node's certificate with its private key.</summary>
    public X509Certificate2 Own { get; }

    /// <summary>Whether a certificate is one of a member: issued by the cluster's authority, and valid now.</summary>
    public bool Trusts(X509Certificate? certificate)
    {
        if (certificate is null)
            return false;
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                VerificationTime = _time.GetUtcNow().UtcDateTime,
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        using var candidate = new X509Certificate2(certificate);
        return chain.Build(candidate);
    }
}
