using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using McpActors.Core.Configuration;

namespace McpActors.Cluster.Tests.Security;

/// <summary>An authority and certificates from it, in files.</summary>
internal sealed class TestAuthority(string folder, string name)
{
    private readonly X509Certificate2 _authority = Create(name, folder);

    /// <summary>A certificate of a node.</summary>
    public TlsOptions Issue(string node, DateTimeOffset? end = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={node}", key, HashAlgorithmName.SHA256);
        using var made = request.Create(_authority, _authority.NotBefore, end ?? _authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        var options = new TlsOptions
        {
            Certificate = Path.Combine(folder, $"{name}-{node}.pem"),
            Key = Path.Combine(folder, $"{name}-{node}.key"),
            Authority = Path.Combine(folder, $"{name}.pem"),
        };
        File.WriteAllText(options.Certificate, made.ExportCertificatePem());
        File.WriteAllText(options.Key, key.ExportPkcs8PrivateKeyPem());
        return options;
    }

    private static X509Certificate2 Create(string name, string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        File.WriteAllText(Path.Combine(folder, name + ".pem"), made.ExportCertificatePem());
        return made;
    }
}
