using System.Collections.Concurrent;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Security;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ClusterExtension = Akka.Cluster.Cluster;
using FreePorts = McpActors.Testing.FreePorts;

namespace McpActors.Cluster.Tests.Security;

public sealed class NodeCertificatesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Membership_is_a_valid_certificate_of_the_own_authority()
    {
        var (own, other) = (new TestAuthority(_folder.Path, "own"), new TestAuthority(_folder.Path, "other"));
        var certificates = new NodeCertificates(own.Issue("a"), TimeProvider.System);

        certificates.Trusts(new NodeCertificates(own.Issue("b"), TimeProvider.System).Own).ShouldBeTrue();
        certificates.Trusts(new NodeCertificates(other.Issue("b"), TimeProvider.System).Own).ShouldBeFalse();
        certificates.Trusts(null).ShouldBeFalse();
        using var expired = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(
            own.Issue("old", DateTimeOffset.UnixEpoch.AddDays(30)).Certificate!, own.Issue("old", DateTimeOffset.UnixEpoch.AddDays(30)).Key);
        certificates.Trusts(expired).ShouldBeFalse();
    }

    [Fact]
    public void A_certificate_that_no_other_node_would_believe_is_a_fault_of_the_setting()
    {
        var (own, other) = (new TestAuthority(_folder.Path, "own"), new TestAuthority(_folder.Path, "other"));
        var mixed = own.Issue("a") with { Authority = other.Issue("x").Authority };

        Should.Throw<InvalidDataException>(() => new NodeCertificates(mixed, TimeProvider.System)).Message.ShouldContain("was not issued by");
        Should.Throw<InvalidDataException>(() => new NodeCertificates(mixed with { Certificate = _folder.File("no.pem") }, TimeProvider.System)).Message.ShouldContain("cannot be read");
    }

    [Fact]
    public async Task Nodes_of_one_authority_form_a_cluster_and_strangers_stay_outside_and_are_logged()
    {
        var own = new TestAuthority(_folder.Path, "own");
        var port = FreePorts.Take();
        var log = new Remembered();
        var first = Settings("a", own.Issue("a")) with { BindPort = port };
        await using var a = await TestNode.StartAsync(first, services: services => services.AddLogging(logging => logging.AddProvider(log)));
        string[] seeds = [$"127.0.0.1:{port}"];

        await using var b = await TestNode.StartAsync(Settings("a", own.Issue("b")) with { Seeds = seeds });
        await using var stranger = await TestNode.StartAsync(Settings("s", new TestAuthority(_folder.Path, "other").Issue("s")) with { Seeds = seeds }, wait: false);
        await using var plain = await TestNode.StartAsync(Settings("p", TlsOptions.None) with { Seeds = seeds }, wait: false);
        var refused = await log.FirstAsync("A stranger was refused").WaitAsync(TimeSpan.FromSeconds(20));

        refused.ShouldContain("CN=s");
        ClusterExtension.Get(a.System).State.Members.Count.ShouldBe(2);
        ClusterExtension.Get(b.System).SelfAddress.Protocol.ShouldBe("akka.ssl.tcp");
        ClusterExtension.Get(stranger.System).State.Members.ShouldBeEmpty();
        ClusterExtension.Get(plain.System).State.Members.ShouldBeEmpty();
    }

    private NodeSettings Settings(string store, TlsOptions tls) => TestNode.Settings(_folder.File(store + ".db")) with { Tls = tls, Drain = TimeSpan.FromSeconds(1) };

    /// <summary>Keeps what was logged, for who waits for it.</summary>
    private sealed class Remembered : ILoggerProvider, ILogger
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _awaited = new();
        private readonly ConcurrentQueue<string> _lines = new();

        public Task<string> FirstAsync(string text)
        {
            var awaited = _awaited.GetOrAdd(text, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
            foreach (var line in _lines)
                Match(line);
            return awaited.Task;
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var line = formatter(state, exception);
            _lines.Enqueue(line);
            Match(line);
        }

        public void Dispose()
        {
        }

        private void Match(string line)
        {
            foreach (var (text, awaited) in _awaited)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    awaited.TrySetResult(line);
            }
        }
    }
}
