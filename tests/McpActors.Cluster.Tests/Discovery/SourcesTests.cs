using System.Text;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Discovery.Sources;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Registries;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;
using McpActors.Transports.Registries;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Cluster.Tests.Discovery;

/// <summary>Whole nodes with a registry that the test plays.</summary>
public sealed class SourcesTests : IDisposable
{
    private const string Web = """{"server":{"name":"acme/web","remotes":[{"type":"streamable-http","url":"https://acme.com/mcp"}]}}""";
    private const string Tool = """{"server":{"name":"acme/tool","version":"1","packages":[{"registryType":"npm","identifier":"tool","version":"1"}]}}""";
    private static readonly SourceName Registry = SourceName.Registry(new Uri("https://registry.example"));
    private static readonly ServerId WebId = new("acme-web");
    private static readonly ServerId ToolId = new("acme-tool");

    private readonly TemporaryFolder _folder = new();
    private readonly PlayedRegistry _registry = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task What_a_registry_lists_is_journalled_and_known_after_a_restart_without_the_registry()
    {
        _registry.Lists = [Web];
        await using (var first = await StartAsync())
        {
            await UntilAsync(() => first.Get<ICatalogue>().Current.Find(WebId) is not null);
            var status = (await first.Get<ISources>().GetStatusAsync(Soon)).ShouldNotBeNull().ShouldHaveSingleItem();
            status.Servers.ShouldBe(1);
            status.LastSuccess.ShouldNotBeNull();
            status.NextDue.ShouldNotBeNull();
        }

        _registry.Fault = "it is down";
        await using var second = await StartAsync();

        second.Get<ICatalogue>().Current.FindRoute(WebId)!.Source.ShouldBe(Registry);
        await UntilAsync(async () => (await second.Get<ISources>().GetStatusAsync(Soon))?.Any(status => status.LastError == "it is down") == true);
        second.Get<ICatalogue>().Current.Find(WebId).ShouldNotBeNull("a registry that fails takes nothing away");
    }

    [Fact]
    public async Task What_the_registry_drops_is_dropped_and_a_registry_that_is_configured_no_more_is_forgotten()
    {
        _registry.Lists = [Web];
        var settings = TestNode.Settings(_folder.File("node.db"));
        await using (var node = await StartAsync(interval: TimeSpan.FromSeconds(1)))
        {
            await UntilAsync(() => node.Get<ICatalogue>().Current.Find(WebId) is not null);
            _registry.Lists = [];
            await UntilAsync(() => node.Get<ICatalogue>().Current.Find(WebId) is null);
            _registry.Lists = [Web];
            await UntilAsync(() => node.Get<ICatalogue>().Current.Find(WebId) is not null);
        }

        await using var without = await TestNode.StartAsync(settings);
        await UntilAsync(() => without.Get<ICatalogue>().Current.Find(WebId) is null);
        without.Get<ISources>().State.Sources.ShouldNotContainKey(Registry);
    }

    [Fact]
    public async Task An_approval_is_in_force_once_it_is_answered_and_survives_a_restart_while_a_changed_definition_asks_again()
    {
        _registry.Lists = [Tool];
        await using (var first = await StartAsync(interval: TimeSpan.FromSeconds(1)))
        {
            await UntilAsync(() => first.Get<ISources>().Claims.Any(claim => claim.Standing == ClaimStanding.NeedsApproval));
            first.Get<ICatalogue>().Current.Find(ToolId).ShouldBeNull("nothing is started from a registry without approval");
            (await first.Get<ISources>().JudgeAsync(Judge("another definition", true), Soon)).ShouldBeOfType<JudgeResult.Refused>().Reason.ShouldContain("changed");

            (await first.Get<ISources>().JudgeAsync(Judge(Hash(first), true), Soon)).ShouldBeOfType<JudgeResult.Done>();
            first.Get<ICatalogue>().Current.Find(ToolId)!.Arguments.ShouldBe(["-y", "tool@1"]);
        }

        _registry.Lists = [Tool.Replace("\"1\"", "\"2\"", StringComparison.Ordinal)];
        await using var second = await StartAsync(interval: TimeSpan.FromSeconds(1));
        second.Get<ICatalogue>().Current.Find(ToolId)!.Arguments.ShouldBe(["-y", "tool@1"]);
        await UntilAsync(() => second.Get<ISources>().Claims.Any(claim => claim.Reason.Contains("waits for approval", StringComparison.Ordinal)));
        second.Get<ICatalogue>().Current.Find(ToolId)!.Arguments.ShouldBe(["-y", "tool@1"], "the approved definition goes on");

        var judgement = second.Get<ISources>().State.JudgedOf(Registry, ToolId).Approved!;
        (judgement.Who, judgement.Why).ShouldBe(("anna", "looked at it"));
        (await second.Get<ISources>().JudgeAsync(Judge(Hash(second), true), Soon)).ShouldBeOfType<JudgeResult.Done>();
        second.Get<ICatalogue>().Current.Find(ToolId)!.Arguments.ShouldBe(["-y", "tool@2"]);
    }

    [Fact]
    public async Task Another_node_hears_of_what_is_discovered_and_approved()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        _registry.Lists = [Web, Tool];
        await using var first = await StartAsync(change: settings => settings with { BindPort = port });
        await using var second = await StartAsync(change: settings => settings with { Seeds = [$"127.0.0.1:{port}"] });
        await UntilAsync(() => second.Get<ICatalogue>().Current.Find(WebId) is not null);

        (await second.Get<ISources>().JudgeAsync(Judge(Hash(second), true), Soon)).ShouldBeOfType<JudgeResult.Done>();

        second.Get<ICatalogue>().Current.Find(ToolId).ShouldNotBeNull("who approves can use it");
        await UntilAsync(() => first.Get<ICatalogue>().Current.Find(ToolId) is not null);
        (await second.Get<ISources>().GetStatusAsync(Soon)).ShouldNotBeNull().ShouldHaveSingleItem().Node.ShouldBe($"127.0.0.1:{port}", "one node asks, beside the coordinator");
    }

    public void Dispose() => _folder.Dispose();

    private static SourcesProtocol.Judge Judge(string hash, bool approve) =>
        new() { Source = Registry, Server = ToolId, Hash = hash, IsApproved = approve, Who = "anna", Why = "looked at it" };

    private static string Hash(TestNode node) => node.Get<ISources>().State.ServersOf(Registry)[ToolId.Value].Hash;

    private Task<TestNode> StartAsync(TimeSpan? interval = null, Func<McpActors.Cluster.Hosting.NodeSettings, McpActors.Cluster.Hosting.NodeSettings>? change = null)
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        var options = new RegistryOptions { Url = new Uri("https://registry.example"), Include = ["acme/*"], Interval = interval ?? TimeSpan.FromHours(1) };
        var file = CatalogueFile.Empty with { Configuration = GatewayConfiguration.Default with { Discovery = new DiscoveryOptions { Registries = [options] } } };
        return TestNode.StartAsync(change is null ? settings : change(settings), file, services => services.AddSingleton<Func<RegistryOptions, IRegistryReader>>(_ => _registry));
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
            await often.WaitForNextTickAsync(limit.Token);
    }

    private sealed class PlayedRegistry : IRegistryReader
    {
        public string[] Lists { get; set; } = [];

        public string? Fault { get; set; }

        public Task<RegistryAnswer> ReadAsync(CancellationToken ct)
        {
            if (Fault is { } fault)
                return Task.FromResult<RegistryAnswer>(new RegistryAnswer.Failed(fault, null));
            var listing = new RegistryListing(["acme/*"]);
            listing.Add(RegistryPageReader.Read(Encoding.UTF8.GetBytes($$"""{"servers":[{{string.Join(',', Lists)}}]}""")));
            return Task.FromResult<RegistryAnswer>(new RegistryAnswer.Listed(listing));
        }
    }
}
