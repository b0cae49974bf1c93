using System.Text;
using FsCheck.Xunit;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Sources;
using McpActors.Core.Servers;
using static McpActors.Core.Discovery.Sources.SourcesProtocol;

namespace McpActors.Core.Tests.Discovery.Sources;

public sealed class SourcesMergeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
    private static readonly Uri FirstUrl = new("https://first.example");
    private static readonly Uri SecondUrl = new("https://a-second.example/");
    private static readonly SourceName First = SourceName.Registry(FirstUrl);
    private static readonly SourceName Second = SourceName.Registry(SecondUrl);
    private static readonly SourceName Docker = SourceName.Docker("10.0.0.7:4053");
    private static readonly ServerId X = new("x");

    [Fact]
    public void The_stated_order_decides_and_the_losers_are_named()
    {
        var state = Said(Said(Said(SourcesState.Initial, Second, Web("x", 3)), First, Web("x", 2)), Docker, Web("x", 1));

        var merged = Merge(state);
        merged.Table.FindRoute(X)!.Source.ShouldBe(Docker);
        merged.Claims.Select(claim => $"{claim.Source} {claim.Standing}").ShouldBe(
            ["docker:10.0.0.7:4053 InForce", "registry:first.example Outranked", "registry:a-second.example Outranked"]);
        merged.Claims[2].Reason.ShouldContain("docker:10.0.0.7:4053");

        // As they are listed, not as they are called.
        Merge(Said(Said(SourcesState.Initial, Second, Web("x", 3)), First, Web("x", 2))).Table.FindRoute(X)!.Source.ShouldBe(First);

        var withFile = Merge(state, file: [Model("x", 9)]);
        withFile.Table.FindRoute(X)!.Source.ShouldBe(SourceName.File);
        Merge(state, file: [Model("x", 9)], overlay: [Entry("x", """{"url":"https://api.example/"}""")]).Table.FindRoute(X)!.Source.ShouldBe(SourceName.Api);
    }

    /// <summary>Any set of claims: every id that can be used is routed to its first usable claim, exactly one claim of it is in force, nothing else is routed.</summary>
    [Property(MaxTest = 300)]
    public void Exactly_the_first_usable_claim_of_each_id_is_in_force(byte[] script)
    {
        var state = SourcesState.Initial;
        var expected = new Dictionary<string, SourceName>();
        foreach (var group in (script ?? []).Select(step => (Source: new[] { Docker, First, Second }[step % 3], Id: "s" + (step / 3 % 4), Kind: step / 12 % 4)).DistinctBy(claim => (claim.Source, claim.Id)).GroupBy(claim => claim.Source))
            state = Said(state, group.Key, [.. group.Select(claim => Make(claim.Id, claim.Kind))]);
        foreach (var source in new[] { Docker, First, Second })
        {
            foreach (var server in state.ServersOf(source).Values.Where(server => server is { ApprovalReason: "", Unavailable: "", Needs.Count: 0 }))
                expected.TryAdd(server.Id.Value, source);
        }

        var merged = Merge(state);
        merged.Table.Servers.ToDictionary(server => server.Id.Value, server => merged.Table.FindRoute(server.Id)!.Source).ShouldBe(expected, ignoreOrder: true);
        merged.Claims.Where(claim => claim.Standing == ClaimStanding.InForce).Select(claim => claim.Id.Value).ShouldBe(expected.Keys, ignoreOrder: true);
        merged.Claims.Count.ShouldBe(state.Sources.Values.Sum(servers => servers.Count));

        static DiscoveredServer Make(string id, int kind) => kind switch
        {
            0 => Web(id, 1),
            1 => Process(id, "1"),
            2 => Web(id, 1) with { Definition = null, Unavailable = "sandbox" },
            _ => Web(id, 1) with { Needs = [new SettingNeed(SettingNeed.Header, "Authorization", "")] },
        };
    }

    [Fact]
    public void What_starts_a_process_waits_for_approval_and_its_successor_waits_again_while_the_approved_one_goes_on()
    {
        var state = Said(SourcesState.Initial, First, Process("x", "1"));
        Merge(state).Claims.ShouldHaveSingleItem().Standing.ShouldBe(ClaimStanding.NeedsApproval);
        Merge(state).Table.Servers.ShouldBeEmpty();

        state = Judge(state, true);
        Merge(state).Table.Find(X)!.Arguments.ShouldBe(["pkg@1"]);

        state = Said(state, First, Process("x", "2"));
        var merged = Merge(state);
        merged.Table.Find(X)!.Arguments.ShouldBe(["pkg@1"]);
        merged.Claims.ShouldHaveSingleItem().Reason.ShouldContain("waits for approval");

        Merge(Judge(state, false)).Table.Find(X)!.Arguments.ShouldBe(["pkg@1"]);
        Merge(Judge(state, true)).Table.Find(X)!.Arguments.ShouldBe(["pkg@2"]);
    }

    [Fact]
    public void What_was_approved_goes_on_while_its_successor_cannot_be_used()
    {
        var state = Judge(Said(SourcesState.Initial, First, Process("x", "1")), true);

        var merged = Merge(Said(state, First, Process("x", "2") with { Definition = null, Unavailable = "oci packages are not supported" }));

        merged.Table.Find(X)!.Arguments.ShouldBe(["pkg@1"]);
        merged.Claims.ShouldHaveSingleItem().Reason.ShouldContain("oci packages");
    }

    [Fact]
    public void An_entry_with_replicas_is_whole_and_takes_nothing_from_what_is_below()
    {
        const string Replicas = """{"endpoints":[{"url":"http://127.0.0.1:2/mcp"},{"url":"http://127.0.0.1:3/mcp"}]}""";
        var state = Said(SourcesState.Initial, First, Web("x", 1) with { Definition = """{"url":"http://127.0.0.1:1/mcp","headers":{"Authorization":"Bearer below"}}"""u8.ToArray() });

        var model = Merge(state, overlay: [Entry("x", Replicas)]).Table.Find(X)!;

        model.Endpoints.Select(endpoint => endpoint.Url.Port).ShouldBe([2, 3]);
        model.Headers.ShouldBeEmpty();
    }

    [Fact]
    public void A_server_that_needs_a_secret_is_used_once_an_entry_supplies_it()
    {
        var state = Said(SourcesState.Initial, First, Web("x", 1) with { Needs = [new SettingNeed(SettingNeed.Header, "Authorization", "token")] });
        var claim = Merge(state).Claims.ShouldHaveSingleItem();
        claim.Standing.ShouldBe(ClaimStanding.NeedsConfiguration);
        claim.Reason.ShouldContain("header Authorization");

        Merge(state, overlay: [Entry("x", """{"timeout":{"call":"5s"}}""")]).Table.Servers.ShouldBeEmpty();
        var merged = Merge(state, overlay: [Entry("x", """{"headers":{"Authorization":"Bearer t"}}""")]);
        merged.Table.Find(X)!.Headers["Authorization"].ShouldBe("Bearer t");
        merged.Table.FindRoute(X)!.Source.ShouldBe(SourceName.Api);
    }

    [Fact]
    public void A_discovered_server_can_be_disabled_and_hidden_by_an_entry()
    {
        var state = Said(SourcesState.Initial, First, Web("x", 1));

        Merge(state, overlay: [Entry("x", """{"enabled":false}""")]).Table.Find(X)!.Enabled.ShouldBeFalse();
        var hidden = Merge(state, overlay: [Entry("x", null)]);
        hidden.Table.Servers.ShouldBeEmpty();
        hidden.IsBelow(X).ShouldBeTrue();
    }

    private static MergedCatalogue Merge(SourcesState state, ServerModel[]? file = null, OverlayEntry[]? overlay = null) =>
        CatalogueMerge.Merge(
            new CatalogueFile(file ?? [], "hash") { Configuration = GatewayConfiguration.Default with { Discovery = new DiscoveryOptions { Registries = [new RegistryOptions { Url = FirstUrl }, new RegistryOptions { Url = SecondUrl }] } } },
            overlay ?? [], state, 1, new ServerDefinitionReader());

    private static SourcesState Said(SourcesState state, SourceName source, params IReadOnlyList<DiscoveredServer> servers) =>
        SourcesDecider.Reports(source, servers).Aggregate(state, Fold);

    private static SourcesState Judge(SourcesState state, bool approve) =>
        Fold(state, new Judge { Source = First, Server = X, Hash = state.ServersOf(First)["x"].Hash, IsApproved = approve, Who = "me", Why = "" });

    private static SourcesState Fold(SourcesState state, ISourcesCommand command) =>
        SourcesDecider.Decide(state, command, Now).Event is { } change ? state.Evolve(change) : state;

    private static DiscoveredServer Web(string id, int port) => Server(id, $$"""{"url":"http://127.0.0.1:{{port}}/mcp"}""");

    private static DiscoveredServer Process(string id, string version) =>
        Server(id, $$"""{"command":"npx","args":["pkg@{{version}}"]}""") with { ApprovalReason = "it starts a process" };

    private static DiscoveredServer Server(string id, string definition) => new(new ServerId(id), "a.b/" + id) { Title = id, Definition = Encoding.UTF8.GetBytes(definition) };

    private static ServerModel Model(string id, int port) =>
        new ServerDefinitionReader().Read(new ServerId(id), Encoding.UTF8.GetBytes($$"""{"url":"http://127.0.0.1:{{port}}/mcp"}"""), ServerDefinition.Default).Model!;

    private static OverlayEntry Entry(string id, string? definition)
    {
        ReadOnlyMemory<byte>? bytes = null;
        if (definition is not null)
            bytes = Encoding.UTF8.GetBytes(definition);
        return new OverlayEntry(new ServerId(id), bytes, "me", Now);
    }
}
