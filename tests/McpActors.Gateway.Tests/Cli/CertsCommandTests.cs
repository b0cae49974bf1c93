using System.Security.Cryptography.X509Certificates;
using McpActors.Cluster.Security;
using McpActors.Core.Configuration;
using McpActors.Gateway.Cli;
using McpActors.Testing;

namespace McpActors.Gateway.Tests.Cli;

public sealed class CertsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nodes_made_at_different_times_believe_each_other_and_nobody_else()
    {
        (await RunAsync("certs", "--out", _folder.File("c"), "node-1", "node-2")).ShouldBe(CommandLine.Ok);
        (await RunAsync("certs", "--out", _folder.File("c"), "node-3", "--host", "gw.example", "--host", "10.0.0.7")).ShouldBe(CommandLine.Ok);
        (await RunAsync("certs", "--out", _folder.File("d"), "node-1")).ShouldBe(CommandLine.Ok);

        var first = Read("c", "node-1");
        first.Trusts(Read("c", "node-3").Own).ShouldBeTrue();
        first.Trusts(Read("d", "node-1").Own).ShouldBeFalse();
        var names = Read("c", "node-3").Own.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        names.EnumerateDnsNames().ShouldBe(["node-3", "localhost", "gw.example"]);
        names.EnumerateIPAddresses().Select(address => address.ToString()).ShouldBe(["127.0.0.1", "10.0.0.7"]);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Path.Combine(_folder.File("c"), "ca.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task The_key_of_the_authority_stays_where_nodes_do_not_come()
    {
        (await RunAsync("certs", "--authority", _folder.File("safe"), "--out", _folder.File("c"), "node-1")).ShouldBe(CommandLine.Ok);
        (await RunAsync("certs", "--authority", _folder.File("safe"), "--out", _folder.File("d"), "node-2")).ShouldBe(CommandLine.Ok);

        Read("c", "node-1").Trusts(Read("d", "node-2").Own).ShouldBeTrue();
        Directory.GetFiles(_folder.File("c")).Select(Path.GetFileName).ShouldBe(["ca.pem", "node-1.key", "node-1.pem"], ignoreOrder: true);
        File.Exists(Path.Combine(_folder.File("safe"), "ca.key")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("certs", "../evil")]
    [InlineData("certs", "ca")]
    [InlineData("certs", "node", "--days", "0")]
    public async Task A_wrong_name_or_life_is_wrong_usage(params string[] args) =>
        (await RunAsync([.. args, "--out", _folder.File("c")])).ShouldBe(CommandLine.Usage);

    private NodeCertificates Read(string folder, string node) => new(
        new TlsOptions
        {
            Certificate = Path.Combine(_folder.File(folder), node + ".pem"),
            Key = Path.Combine(_folder.File(folder), node + ".key"),
            Authority = Path.Combine(_folder.File(folder), "ca.pem"),
        },
        TimeProvider.System);

    private static Task<int> RunAsync(params string[] args) => CommandLine.RunAsync(args, TextWriter.Null, TextWriter.Null);
}
