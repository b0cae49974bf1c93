using McpActors.Cluster.Hosting;
using McpActors.Core.Configuration;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Tests.Configuration;
using McpActors.Testing;
using YamlDotNet.RepresentationModel;

namespace McpActors.Gateway.Tests.Deployment;

/// <summary><c>docker-compose.cluster.yml</c> and the node files that it uses belong together.</summary>
public sealed class ComposeFileTests
{
    private static readonly string Folder = Path.Combine(Checkout.Root, "cluster-config");
    private static readonly string[] Nodes = ["front-1", "front-2", "worker-1", "worker-2", "worker-3"];

    private static YamlNode Compose => Yaml.Documents("docker-compose.cluster.yml").Single();

    [Theory]
    [InlineData("front", NodeRole.Front)]
    [InlineData("worker", NodeRole.Worker)]
    public void The_node_files_load_and_leave_loopback_protected(string file, NodeRole role)
    {
        var result = Load(file);

        result.Faults.ShouldBeEmpty();
        result.Warnings.ShouldBeEmpty();
        var configuration = result.Configuration;
        configuration.Node.Roles.ShouldBe([role]);
        configuration.Management.Auth.BootstrapKey.ShouldNotBeNull();
        configuration.Persistence.Connection.ShouldContain("Password=secret");
        configuration.Persistence.Connection.ShouldNotContain("\n");
    }

    [Fact]
    public void Every_node_has_time_to_leave_comes_back_and_may_do_nothing_else()
    {
        var needed = NodeSettings.From(Load("worker").Configuration).ShutdownTimeout;
        foreach (var name in Nodes)
        {
            var node = Compose.At($"services/{name}").ShouldNotBeNull(name);
            Yaml.Seconds(node.Text("stop_grace_period")).ShouldBeGreaterThan(needed, name);
            node.Text("restart").ShouldBe("unless-stopped", name);
            node.Text("environment/NODE_NAME").ShouldBe(name);
            node.At("build").ShouldBeNull("one service builds the image");
        }

        foreach (var service in ((YamlMappingNode)Compose.At("services")!).Children)
        {
            service.Value.Text("read_only").ShouldBe("true", service.Key.ToString());
            service.Value.Text("cap_drop/0").ShouldBe("ALL", service.Key.ToString());
            service.Value.Text("security_opt/0").ShouldBe("no-new-privileges:true", service.Key.ToString());
        }
    }

    [Fact]
    public void The_name_that_nodes_look_up_stands_for_all_workers_and_all_are_required()
    {
        var cluster = Load("front").Configuration.Cluster;
        var workers = Nodes.Where(name => Compose.List($"services/{name}/networks/default/aliases").Any(alias => alias.ToString() == cluster.Seeds.Single())).ToList();

        workers.ShouldBe(["worker-1", "worker-2", "worker-3"]);
        cluster.RequiredSeeds.ShouldBe(workers.Count);
    }

    [Fact]
    public void Every_node_has_a_certificate_a_scrape_and_a_place_in_the_load_balancer()
    {
        var setup = Compose.Text("services/setup/command/0")!;
        var scraped = Yaml.Documents("cluster-config/observability/prometheus.yml").Single().List("scrape_configs/0/static_configs")
            .SelectMany(group => group.List("targets")).Select(target => target.ToString()).ToList();
        var balanced = File.ReadAllLines(Path.Combine(Folder, "haproxy.cfg")).Select(line => line.Trim().Split(' ')).Where(words => words[0] == "server").ToList();

        foreach (var name in Nodes)
        {
            setup.Split('\n')[0].Split(' ').ShouldContain(name);
            scraped.ShouldContain(name + ":8558");
            balanced.ShouldContain(words => words[1] == name && words[2] == name + (name.StartsWith("front", StringComparison.Ordinal) ? ":8080" : ":8558"));
        }

        scraped.Count.ShouldBe(Nodes.Length);
    }

    [Fact]
    public void The_image_ships_what_the_host_builds_and_runs_as_nobody()
    {
        var lines = File.ReadAllLines(Path.Combine(Checkout.Root, "src", "McpActors.Gateway", "Dockerfile"));

        lines.Count(line => line.StartsWith("FROM ${", StringComparison.Ordinal)).ShouldBe(2);
        lines.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)).ShouldBe("USER 1654:1654");
        lines.ShouldContain(line => line.StartsWith("HEALTHCHECK", StringComparison.Ordinal) && line.EndsWith("CMD [\"mcpactors\", \"probe\"]", StringComparison.Ordinal));
        foreach (var project in Directory.GetFiles(Path.Combine(Checkout.Root, "src"), "*.csproj", SearchOption.AllDirectories))
            lines.ShouldContain(line => line.StartsWith($"COPY src/{Path.GetFileNameWithoutExtension(project)}/", StringComparison.Ordinal));
    }

    private static ConfigurationResult Load(string role)
    {
        var inputs = new Loading()
            .Set("NODE_NAME", "node-1")
            .File("/secrets/keys/bootstrap.key", "mcpa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
            .File("/secrets/database/password", "secret\n");
        string[] files = ["nodes/base.yaml", $"nodes/{role}.yaml", "servers.yaml"];
        foreach (var file in files)
            inputs.File(file, File.ReadAllText(Path.Combine(Folder, file)));
        return inputs.Load(files);
    }
}
