using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Cluster;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Membership;
using McpActors.Cluster.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using ClusterExtension = Akka.Cluster.Cluster;
using FreePorts = McpActors.Testing.FreePorts;

namespace McpActors.Cluster.Tests.Membership;

/// <summary>Real nodes on addresses of loopback that find each other by a name.</summary>
public sealed class SeedJoinerTests : IDisposable
{
    private const string Name = "nodes.test";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly Names _names = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nodes_that_start_at_once_form_one_cluster_and_a_late_one_joins_it()
    {
        var port = FreePorts.Take();
        _names.Set("127.0.0.2", "127.0.0.3", "127.0.0.4");
        await using var third = await StartAsync("127.0.0.4", port);
        await using var first = await StartAsync("127.0.0.2", port);
        await using var second = await StartAsync("127.0.0.3", port);
        TestNode[] nodes = [first, second, third];

        foreach (var node in nodes)
            await node.Get<INodeReadiness>().WhenReady.WaitAsync(Limit);

        foreach (var node in nodes)
            await SeesAsync(node, ["127.0.0.2", "127.0.0.3", "127.0.0.4"]);

        // Its resolver knows nothing at first, and then not itself.
        _names.Fail(3);
        await using var late = await StartAsync("127.0.0.5", port);
        await late.Get<INodeReadiness>().WhenReady.WaitAsync(Limit);
        await SeesAsync(late, ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]);
        _names.Failures.ShouldBe(3);
    }

    // A node is ready when it is a member itself; it may hear of the others a moment later.
    private static async Task SeesAsync(TestNode node, string[] members)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(Limit);
        while (!Members(node).SequenceEqual(members))
            await timer.WaitForNextTickAsync(limit.Token);
    }

    private static string[] Members(TestNode node) =>
        [.. ClusterExtension.Get(node.System).State.Members.Where(member => member.Status == MemberStatus.Up).Select(member => member.Address.Host).Order(StringComparer.Ordinal)];

    private Task<TestNode> StartAsync(string host, int port) => TestNode.StartAsync(
        TestNode.Settings(_folder.File("node.db")) with { BindHost = host, BindPort = port, SeedNames = [Name], RequiredSeeds = 3 },
        services: services => services.AddSingleton<ISeedResolver>(_names),
        wait: false);

    /// <summary>A port that is free on every address of loopback, as far as a look can tell.</summary>
    private sealed class Names : ISeedResolver
    {
        private readonly ConcurrentQueue<SocketException> _faults = [];
        private IReadOnlyList<IPAddress> _addresses = [];

        public int Failures { get; private set; }

        public void Set(params string[] addresses) => _addresses = [.. addresses.Select(IPAddress.Parse)];

        public void Fail(int times)
        {
            for (var i = 0; i < times; i++)
                _faults.Enqueue(new SocketException((int)SocketError.HostNotFound));
        }

        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken ct)
        {
            name.ShouldBe(Name);
            if (!_faults.TryDequeue(out var fault))
                return Task.FromResult(_addresses);
            Failures++;
            return Task.FromException<IReadOnlyList<IPAddress>>(fault);
        }
    }
}
