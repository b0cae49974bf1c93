using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace McpActors.Gateway.Cli;

/// <summary>Makes an authority and the certificates of nodes, as PEM files for <c>cluster.tls</c> and, for a start, for the listeners.</summary>
/// <param name="folder">Where the files of nodes go, and the authority's certificate.</param>
/// <param name="authorityFolder">Where the authority is kept with its key.</param>
/// <param name="now">From when they count.</param>
internal sealed class CertificateWriter(string folder, string authorityFolder, DateTimeOffset now)
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>Clocks of machines differ.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);

    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);

    private string AuthorityFile => Path.Combine(authorityFolder, "ca.pem");

    private string AuthorityKeyFile => Path.Combine(authorityFolder, "ca.key");

    /// <summary>The authority of the folder: the one that is there, or a new one. Its certificate is laid beside those of the nodes.</summary>
    /// <returns>It, and whether it is new.</returns>
    public (X509Certificate2 Authority, bool IsNew) Authority()
    {
        var found = FindOrMake();
        if (folder != authorityFolder)
            Write(Path.Combine(folder, "ca.pem"), found.Authority.ExportCertificatePem(), isSecret: false);
        return found;
    }

    private (X509Certificate2 Authority, bool IsNew) FindOrMake()
    {
        if (File.Exists(AuthorityFile))
            return (X509Certificate2.CreateFromPemFile(AuthorityFile, AuthorityKeyFile), false);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=McpActors cluster authority", key, HashAlgorithmName.SHA256);
        // It signs nodes, and no authority below it.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var made = request.CreateSelfSigned(now - Before, now + AuthorityLife);
        Write(AuthorityFile, made.ExportCertificatePem(), isSecret: false);
        Write(AuthorityKeyFile, key.ExportPkcs8PrivateKeyPem(), isSecret: true);
        return (X509Certificate2.CreateFromPemFile(AuthorityFile, AuthorityKeyFile), true);
    }

    /// <summary>Writes the certificate and the key of a node. One that is there is replaced.</summary>
    public void Node(X509Certificate2 authority, string name, IEnumerable<string> hosts, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(Names([name, "localhost", "127.0.0.1", .. hosts]));
        var end = now + life < authority.NotAfter ? now + life : authority.NotAfter;
        using var made = request.Create(authority, now - Before, end, RandomNumberGenerator.GetBytes(16));
        Write(Path.Combine(folder, name + ".pem"), made.ExportCertificatePem(), isSecret: false);
        Write(Path.Combine(folder, name + ".key"), key.ExportPkcs8PrivateKeyPem(), isSecret: true);
    }

    private static X509Extension Names(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        return names.Build();
    }

    /// <summary>A key is never, not even for a moment, readable by others.</summary>
    private static void Write(string file, string pem, bool isSecret)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (isSecret && !OperatingSystem.IsWindows())
        {
            File.Delete(file);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(file, options);
        writer.Write(pem);
        writer.Write('\n');
    }
}
