using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Containers;
using McpActors.Core.Discovery.Sources;

namespace McpActors.Core.Tests.Discovery.Containers;

public sealed class ContainerListingTests
{
    private static readonly ContainerLabels Labels = new("mcpactors.server");
    private static readonly ContainerReach Local = new("127.0.0.1", ByPublishedPort: false);
    private static readonly ContainerReach Published = new("10.0.0.7", ByPublishedPort: true);

    [Fact]
    public void A_labelled_container_is_a_server_at_its_own_address_and_only_port()
    {
        var server = One(Container("search", ["mcpactors.server=web-search"], ports: [new ContainerPort(8080)]));

        (server.Id.Value, server.Name, server.Title).ShouldBe(("web-search", "search", "search"));
        Url(server).ShouldBe("http://172.17.0.2:8080/mcp");
        (server.ApprovalReason, server.Unavailable).ShouldBe(("", ""));
        new ServerDefinitionReader().Read(server.Id, server.Definition!.Value, ServerDefinition.Default).Faults.ShouldBeEmpty();
    }

    [Fact]
    public void Labels_of_the_same_prefix_say_port_path_network_and_title()
    {
        var container = Container("c", ["acme.mcp=x", "acme.port=9000", "acme.path=/api/mcp", "acme.title=Search", "acme.network=two", "mcpactors.port=1"], ports: [new ContainerPort(1), new ContainerPort(2)]) with
        {
            Addresses = new Dictionary<string, string> { ["one"] = "10.1.0.2", ["two"] = "fd00::2" },
        };

        var server = ContainerListing.Servers([container], new ContainerLabels("acme.mcp"), Local).ShouldHaveSingleItem();

        server.Title.ShouldBe("Search");
        Url(server).ShouldBe("http://[fd00::2]:9000/api/mcp");
        new ContainerLabels("mcp").Port.ShouldBe("mcp.port");
    }

    [Fact]
    public void Where_only_published_ports_can_be_reached_the_engines_machine_is_the_address()
    {
        Url(One(Container("c", ["mcpactors.server=x"], ports: [new ContainerPort(8080, 32768, "0.0.0.0"), new ContainerPort(8080, 32768, "::")]), Published)).ShouldBe("http://10.0.0.7:32768/mcp");
        One(Container("c", ["mcpactors.server=x"], ports: [new ContainerPort(8080)]), Published).Unavailable.ShouldContain("publishes no port for 8080");
        One(Container("c", ["mcpactors.server=x"], ports: [new ContainerPort(8080, 32768, "127.0.0.1")]), Published).Unavailable.ShouldContain("at 127.0.0.1 only");
        // On the host's network, or without a network of its own.
        Url(One(Container("c", ["mcpactors.server=x", "mcpactors.port=7000"]) with { IsOnHostNetwork = true, Addresses = new Dictionary<string, string> { ["host"] = "" } })).ShouldBe("http://127.0.0.1:7000/mcp");
        Url(One(Container("c", ["mcpactors.server=x"], ports: [new ContainerPort(8080, 32768, "127.0.0.1")]) with { Addresses = new Dictionary<string, string>() })).ShouldBe("http://127.0.0.1:32768/mcp");
    }

    [Theory]
    [InlineData("mcpactors.title=none", "exposes 2 ports; its label mcpactors.port must say which")]
    [InlineData("mcpactors.port=0", "the label mcpactors.port of container 'c' is '0', expected a port from 1 to 65535")]
    [InlineData("mcpactors.port=80 --privileged", "expected a port")]
    [InlineData("mcpactors.path=mcp", "exposes 2 ports")]
    [InlineData("mcpactors.network=gone", "exposes 2 ports")]
    public void What_a_label_lacks_is_said(string label, string reason) =>
        One(Container("c", ["mcpactors.server=x", label], ports: [new ContainerPort(1), new ContainerPort(2)])).Unavailable.ShouldContain(reason);

    [Theory]
    [InlineData("mcp")]
    [InlineData("//elsewhere.example/mcp")]
    [InlineData("/../admin")]
    [InlineData("/mcp?x=1")]
    [InlineData("/mcp#x")]
    [InlineData("/a\\b")]
    [InlineData("/mcp\r\nHost: x")]
    [InlineData("@elsewhere.example/")]
    public void A_path_leads_nowhere_but_into_the_container(string path) =>
        One(Container("c", ["mcpactors.server=x", "mcpactors.path=" + path], ports: [new ContainerPort(1)])).Unavailable.ShouldContain("expected a path such as /mcp");

    [Fact]
    public void Containers_of_one_id_are_replicas_in_an_order_that_a_restart_does_not_change()
    {
        var one = Container("a", ["mcpactors.server=x"], "172.17.0.9", ports: [new ContainerPort(1)]);
        var two = Container("b", ["mcpactors.server=x"], "172.17.0.3", ports: [new ContainerPort(1)]) with { Created = one.Created.AddHours(1) };
        var broken = Container("0", ["mcpactors.server=x"], "172.17.0.4") with { Created = one.Created.AddHours(2) };

        var server = ContainerListing.Servers([one, two, broken], Labels, Local).ShouldHaveSingleItem();

        Text(server).ShouldBe("""{"title":"a","endpoints":[{"url":"http://172.17.0.3:1/mcp"},{"url":"http://172.17.0.9:1/mcp"}]}""");
        server.Says(ContainerListing.Servers([broken, two, one], Labels, Local)[0]).ShouldBeTrue();
        new ServerDefinitionReader().Read(server.Id, server.Definition!.Value, ServerDefinition.Default).Model!.Endpoints.Count.ShouldBe(2);
    }

    [Fact]
    public void Names_become_ids_and_containers_without_the_label_are_none_of_ours()
    {
        ContainerListing.Servers([Container("c", ["mcpactors.server=Web Search"], ports: [new ContainerPort(1)]), Container("d", ["other=x"]), Container("e", ["mcpactors.server="])], Labels, Local)
            .Select(server => server.Id.Value).ShouldBe(["web-search"]);
    }

    private static DiscoveredServer One(ContainerFacts container, ContainerReach? reach = null) => ContainerListing.Servers([container], Labels, reach ?? Local).ShouldHaveSingleItem();

    private static ContainerFacts Container(string name, string[] labels, string address = "172.17.0.2", params ContainerPort[] ports) =>
        new(name, labels.Select(label => label.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]))
        {
            Created = new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero),
            Addresses = new Dictionary<string, string> { ["bridge"] = address },
            Ports = ports,
        };

    private static string Text(DiscoveredServer server) => server.Unavailable.Length > 0 ? server.Unavailable : Encoding.UTF8.GetString(server.Definition!.Value.Span);

    private static string Url(DiscoveredServer server) => System.Text.Json.Nodes.JsonNode.Parse(Text(server))!["url"]!.GetValue<string>();
}
