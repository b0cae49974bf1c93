using System.Text;
using McpActors.Core.Discovery;
using McpActors.Core.Servers;
using McpActors.Gateway.Configuration;
using McpActors.Gateway.Hosting;

namespace McpActors.Gateway.Tests.Configuration;

/// <summary>The part of a file that belongs to the cluster: what of it travels, and what it means on another node.</summary>
public sealed class RevisionTests
{
    private const string Servers = """
        defaults: { idleStop: 3m }
        servers:
          search: { url: "https://search.example/mcp", headers: { Authorization: "Bearer ${TOKEN}" } }
          files: { command: ./run.sh, args: [ "${file:secret.txt}" ], envFile: files.env }
        """;

    [Fact]
    public void Hash_is_of_what_belongs_to_the_cluster_however_it_is_written()
    {
        var here = Node("/etc/a").Set("TOKEN", "one").File("/etc/a/a.yaml", "node: { name: n1 }\nmanagement: { listen: \"127.0.0.1:1\" }\n" + Servers).Load("/etc/a/a.yaml");
        var there = Node("/etc/b").Set("TOKEN", "two").File("/etc/b/node.yaml", "version: 1\nnode: { name: n2 }").File("/etc/b/b.yaml", """
            # the same
            servers:
              files:
                envFile: files.env
                args: ["${file:secret.txt}"]
                command: './run.sh'
              search:
                headers: { Authorization: 'Bearer ${TOKEN}' }
                url: https://search.example/mcp
            defaults: { "idleStop": 3m }
            limits: {}
            """).Load("/etc/b/node.yaml", "/etc/b/b.yaml");

        here.Faults.ShouldBeEmpty();
        there.Faults.ShouldBeEmpty();
        here.Hash.Length.ShouldBe(32);
        there.Hash.ShouldBe(here.Hash);
        Node("/etc/a").Set("TOKEN", "one").File("/etc/a/a.yaml", Servers.Replace("3m", "4m", StringComparison.Ordinal)).Load("/etc/a/a.yaml").Hash.ShouldNotBe(here.Hash);
    }

    [Fact]
    public void No_value_of_the_environment_or_of_a_file_travels()
    {
        var loaded = Node("/etc/a").Set("TOKEN", "very-secret").File("/etc/a/a.yaml", Servers).Load("/etc/a/a.yaml");

        var text = Encoding.UTF8.GetString(loaded.Content.Unpack());

        text.ShouldContain("Bearer ${TOKEN}");
        text.ShouldContain("${file:secret.txt}");
        text.ShouldNotContain("very-secret");
        text.ShouldNotContain("from a file");
        text.ShouldNotContain("FROM_ENV_FILE");
        text.ShouldNotContain("/etc/a");
    }

    [Fact]
    public void Another_node_reads_it_with_its_own_environment_files_and_folder()
    {
        var content = Node("/etc/a").Set("TOKEN", "one").File("/etc/a/a.yaml", Servers).Load("/etc/a/a.yaml").Content;
        var there = Node("/etc/b").Set("TOKEN", "two").File("/etc/b/b.yaml", "node: { name: n2 }");

        var file = Read(there, content).File.ShouldNotBeNull();

        file.Hash.ShouldBe(content.Hash);
        file.Find(new ServerId("search"))!.Headers["Authorization"].ShouldBe("Bearer two");
        file.Find(new ServerId("search"))!.IdleStop.ShouldBe(TimeSpan.FromMinutes(3));
        var files = file.Find(new ServerId("files"))!;
        (files.Command, files.WorkingDirectory, files.Arguments[0], files.Environment["NAME"]).ShouldBe(("/etc/b/run.sh", "/etc/b", "from a file", "FROM_ENV_FILE"));
        file.Configuration.Node.Name.ShouldBe("n2");
        file.Configuration.SensitivePaths.ShouldContain("servers.search.headers.Authorization");
        file.Files.ShouldContain("/etc/b/files.env");
    }

    [Fact]
    public void What_is_missing_on_a_node_is_named_and_nothing_is_taken()
    {
        var content = Node("/etc/a").Set("TOKEN", "one").File("/etc/a/a.yaml", Servers).Load("/etc/a/a.yaml").Content;

        var reading = Read(new Loading().File("/etc/b/b.yaml", "").File("/etc/b/secret.txt", "x"), content);

        reading.File.ShouldBeNull();
        reading.Faults.ShouldBe(
        [
            "servers.search.headers.Authorization: the environment variable TOKEN is not set; set it, or give a default as ${TOKEN:-…}",
            "servers.files.envFile: the file /etc/b/files.env does not exist",
        ], ignoreOrder: true);
    }

    [Fact]
    public void Paths_of_a_file_in_another_folder_start_from_there_on_every_node()
    {
        const string Node1 = "node: { name: n1 }\nservers: { a: { command: ./a } }";
        var content = new Loading().File("/etc/mcp/nodes/1.yaml", Node1).File("/etc/mcp/servers.yaml", "servers: { b: { command: ./b } }")
            .Load("/etc/mcp/nodes/1.yaml", "/etc/mcp/servers.yaml").Content;

        var file = Read(new Loading().File("/srv/nodes/2.yaml", ""), content, "/srv/nodes/2.yaml").File.ShouldNotBeNull();

        file.Find(new ServerId("a"))!.Command.ShouldBe("/srv/nodes/a");
        file.Find(new ServerId("b"))!.Command.ShouldBe("/srv/b");
    }

    [Fact]
    public void File_of_an_MCP_client_means_the_same_as_a_revision()
    {
        var here = new Loading().Set("MCPACTORS_INPUT_KEY", "k1").File("/etc/a/a.json", """
            {
              "inputs": [ { "id": "key" }, { "id": "region", "default": "eu" } ],
              "servers": { "Web": { "url": "https://${input:region}.example/mcp", "headers": { "X-Api-Key": "${input:key}", "X-Price": "5$$ or $${HOME}" } } }
            }
            """);
        var loaded = here.Load("/etc/a/a.json");
        loaded.Faults.ShouldBeEmpty();

        var file = Read(new Loading().Set("MCPACTORS_INPUT_KEY", "k2").File("/etc/b/b.yaml", ""), loaded.Content).File.ShouldNotBeNull();

        var (there, own) = (file.Find(new ServerId("web"))!, loaded.Configuration.Servers[new ServerId("web")]);
        there.Url!.Host.ShouldBe("eu.example");
        there.Title.ShouldBe("Web");
        there.Headers["X-Price"].ShouldBe(own.Headers["X-Price"]);
        (own.Headers["X-Api-Key"], there.Headers["X-Api-Key"]).ShouldBe(("k1", "k2"));
    }

    [Fact]
    public void Damaged_or_newer_content_is_a_fault_and_no_crash()
    {
        var node = new Loading().File("/etc/b/b.yaml", "");
        Read(node, new RevisionContent("0", new byte[] { 1, 2, 3 })).Faults.ShouldHaveSingleItem().ShouldContain("hash");
        Read(node, RevisionContent.Pack("""{"format":2}"""u8)).Faults.ShouldHaveSingleItem().ShouldContain("form 2");
        Read(node, RevisionContent.Pack("""{"format":1,"folders":{"":{"newSection":{"a":"1"}}}}"""u8)).Faults.ShouldHaveSingleItem().ShouldContain("newSection");
    }

    [Fact]
    public void Ten_thousand_servers_are_small_enough_to_travel()
    {
        var yaml = "servers:\n" + string.Concat(Enumerable.Range(0, 10_000).Select(i =>
            $"  s{i}: {{ url: \"https://server-{i}.example/mcp\", headers: {{ Authorization: \"Bearer ${{TOKEN}}\" }}, labels: {{ team: t{i % 100} }} }}\n"));
        var loaded = new Loading().Set("TOKEN", "x").File("a.yaml", yaml).Load();

        loaded.Content.Packed.Length.ShouldBeLessThan(DiscoveryDecider.MaxContentBytes / 8);
        Read(new Loading().Set("TOKEN", "x").File("/etc/b/b.yaml", ""), loaded.Content).File.ShouldNotBeNull().Servers.Count.ShouldBe(10_000);
    }

    private static Loading Node(string folder) => new Loading().File($"{folder}/secret.txt", "from a file").File($"{folder}/files.env", "NAME=FROM_ENV_FILE");

    private static RevisionReading Read(Loading node, RevisionContent content, string own = "/etc/b/b.yaml")
    {
        var loaded = node.Load(own);
        loaded.Faults.ShouldBeEmpty();
        return new RevisionReader(new NodeStart(loaded, node.Loader, [own], Quickstart: false)).Read(content, loaded.ToCatalogueFile());
    }
}
