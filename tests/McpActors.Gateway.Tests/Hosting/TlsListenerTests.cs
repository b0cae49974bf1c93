using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using McpActors.Core.Configuration;
using McpActors.Gateway.Hosting;
using McpActors.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Gateway.Tests.Hosting;

/// <summary>Certificates of listeners, and whom they believe about callers.</summary>
public sealed class TlsListenerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_changed_certificate_is_offered_to_new_connections_and_a_broken_one_is_not()
    {
        var time = new FakeTimeProvider();
        var options = Write("first");
        var warnings = new List<string>();
        var source = new CertificateSource(options, time, warnings.Add);
        NameOf(source).ShouldBe("CN=first");

        Write("second");
        NameOf(source).ShouldBe("CN=first", "the files are looked at every now and then");
        time.Advance(TimeSpan.FromSeconds(3));
        NameOf(source).ShouldBe("CN=second");

        File.WriteAllText(options.Certificate!, "half a certificate");
        time.Advance(TimeSpan.FromSeconds(3));
        NameOf(source).ShouldBe("CN=second");
        warnings.ShouldHaveSingleItem().ShouldContain("no PEM certificate and its key");
    }

    [Fact]
    public void A_certificate_that_is_not_there_is_a_fault_of_its_setting()
    {
        CertificateSource.Fault("front.tls", new TlsOptions { Certificate = _folder.File("no.pem"), Key = _folder.File("no.key") })!.ShouldStartWith("front.tls: the certificate cannot be read");
        CertificateSource.Fault("front.tls", TlsOptions.None).ShouldBeNull();
    }

    [Fact]
    public async Task A_listener_with_a_certificate_speaks_TLS_and_nothing_else()
    {
        var configuration = new GatewayConfiguration
        {
            Front = ListenerOptions.Front with { Listen = new HostPort("127.0.0.1", 0), Tls = Write("gateway") },
            Management = ListenerOptions.Management with { Listen = new HostPort("127.0.0.1", 0) },
        };
        await using var app = await StartAsync(configuration);
        var address = new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.First()).Port);

        using var client = new TcpClient();
        await client.ConnectAsync(address);
        X509Certificate? seen = null;
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, _, _) => (seen = certificate) is not null);
        await tls.AuthenticateAsClientAsync("gateway");
        using var plain = new HttpClient();

        seen!.Subject.ShouldBe("CN=gateway");
        await Should.ThrowAsync<HttpRequestException>(() => plain.GetAsync(new Uri($"http://{address}/")));
    }

    [Theory]
    [InlineData(true, "203.0.113.9 https")]
    [InlineData(false, "127.0.0.1 http")]
    public async Task Forwarded_headers_count_from_trusted_proxies_only(bool trusted, string expected)
    {
        var proxies = trusted ? IPNetwork.Parse("127.0.0.0/8") : IPNetwork.Parse("10.0.0.0/8");
        var options = ListenerOptions.Front with { Listen = new HostPort("127.0.0.1", 0), TrustedProxies = [proxies] };
        await using var app = await StartAsync(new GatewayConfiguration { Front = options, Management = ListenerOptions.Management with { Listen = new HostPort("127.0.0.1", 0) } }, options);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.First());
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        request.Headers.Add("X-Forwarded-Proto", "https");

        using var response = await client.SendAsync(request);

        (await response.Content.ReadAsStringAsync()).ShouldBe(expected);
    }

    private static string NameOf(CertificateSource source) => source.Current().ServerCertificateContext!.TargetCertificate.Subject;

    private static async Task<WebApplication> StartAsync(GatewayConfiguration configuration, ListenerOptions? head = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listeners.Open(kestrel, configuration));
        var app = builder.Build();
        if (head is not null)
            Listeners.Begin(app, head);
        app.Run(context => context.Response.WriteAsync($"{context.Connection.RemoteIpAddress} {context.Request.Scheme}"));
        await app.StartAsync();
        return app;
    }

    private TlsOptions Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var options = new TlsOptions { Certificate = _folder.File("tls.pem"), Key = _folder.File("tls.key") };
        File.WriteAllText(options.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(options.Key, key.ExportPkcs8PrivateKeyPem());
        return options;
    }
}
