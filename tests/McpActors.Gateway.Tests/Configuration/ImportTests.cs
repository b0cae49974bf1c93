using McpActors.Core.Configuration;
using McpActors.Core.Servers;
using McpActors.Gateway.Configuration;

namespace McpActors.Gateway.Tests.Configuration;

/// <summary>Files that other MCP clients keep.</summary>
public sealed class ImportTests
{
    private const string Claude = """
        {
          // as people have it
          "globalShortcut": "Ctrl+Space",
          "mcpServers": {
            "My Files": { "command": "npx", "args": ["-y", "server-files", "/srv"], "env": { "PRICE": "5$$" }, "autoApprove": ["read"] },
            "search": { "type": "streamableHttp", "url": "https://x/mcp", "timeout": 60, "disabled": true },
            "old": { "type": "sse", "url": "https://x/sse" },
          },
        }
        """;

    private const string Code = """
        {
          "inputs": [
            { "id": "api-key", "type": "promptString", "description": "The key", "password": true },
            { "id": "region", "type": "promptString", "default": "eu" }
          ],
          "servers": {
            "web": { "type": "http", "url": "https://${input:region}.x/mcp", "headers": { "Authorization": "Bearer ${input:api-key}" } },
            "local": { "type": "stdio", "command": "node", "args": ["${workspaceFolder}/index.js"], "envFile": "${workspaceFolder}/.env" }
          }
        }
        """;

    [Fact]
    public void A_mcpServers_file_is_accepted_as_it_is()
    {
        var result = new Loading().File("mcp.json", Claude).Load("mcp.json");

        result.Faults.ShouldBeEmpty();
        var files = result.Configuration.Servers[new ServerId("my-files")];
        files.Title.ShouldBe("My Files");
        files.Transport.ShouldBe(ServerTransport.Stdio);
        files.Arguments.ShouldBe(["-y", "server-files", "/srv"]);
        files.Environment["PRICE"].ShouldBe("5$$");
        var search = result.Configuration.Servers[new ServerId("search")];
        search.Transport.ShouldBe(ServerTransport.Http);
        search.Enabled.ShouldBeFalse();
        search.Title.ShouldBe("search");
        result.Warnings.Select(static warning => warning.ToString()).ShouldBe(
        [
            "mcp.json:3:3: globalShortcut: 'globalShortcut' means nothing here",
            "mcp.json:5:104: mcpServers[\"My Files\"].autoApprove: 'autoApprove' means nothing here",
            "mcp.json:6:67: mcpServers.search.timeout: 'timeout' means nothing here",
            "mcp.json:7:22: mcpServers.old.type: the transport 'sse' is not supported by this version yet; the server is left out",
        ]);
        result.Configuration.Servers.Count.ShouldBe(2);
    }

    [Fact]
    public void The_inputs_of_an_editor_come_from_the_environment_or_their_default()
    {
        var result = new Loading().File(".vscode/mcp.json", Code).File(".env", "A=1").Set("MCPACTORS_INPUT_API_KEY", "k").Load(".vscode/mcp.json");

        result.Faults.ShouldBeEmpty();
        var web = result.Configuration.Servers[new ServerId("web")];
        web.Url!.Host.ShouldBe("eu.x");
        web.Headers["Authorization"].ShouldBe("Bearer k");
        var local = result.Configuration.Servers[new ServerId("local")];
        local.Arguments.ShouldBe(["/etc/mcp/index.js"]);
        local.Environment["A"].ShouldBe("1");
    }

    [Fact]
    public void An_input_without_a_value_is_a_fault_that_names_the_variable() =>
        new Loading().File("a.json", Code).File(".env", "").Load("a.json").Faults.Select(static fault => fault.ToString()).ShouldContain(
            "a.json:7:100: servers.web.headers.Authorization: the input 'api-key' (The key) is asked for; set the environment variable MCPACTORS_INPUT_API_KEY");

    [Theory]
    [InlineData("http", ServerTransport.Http)]
    [InlineData("streamable-http", ServerTransport.Http)]
    [InlineData("streamableHttp", ServerTransport.Http)]
    [InlineData("stdio", ServerTransport.Stdio)]
    public void The_type_says_which_of_url_and_command_counts(string type, ServerTransport transport)
    {
        var result = new Loading().File("a.json", $$"""{ "mcpServers": { "a": { "type": "{{type}}", "url": "http://x/", "command": "run", "args": ["x"] } } }""").Load("a.json");

        result.Faults.ShouldBeEmpty();
        result.Configuration.Servers[new ServerId("a")].Transport.ShouldBe(transport);
    }

    [Fact]
    public void Two_names_that_become_one_id_are_a_fault() =>
        new Loading().File("a.json", """{ "mcpServers": { "My Server": { "command": "x" }, "my-server": { "command": "y" } } }""").Load("a.json")
            .Faults.ShouldHaveSingleItem().ToString()
            .ShouldBe("a.json:1:52: mcpServers.my-server: the name 'my-server' becomes the id 'my-server', as does 'My Server' in line 1; rename one");

    [Fact]
    public void Discovered_files_add_servers_and_never_replace_ours()
    {
        var result = new Loading()
            .File("a.yaml", "discovery: { files: [mcp.json, ~/gone.json] }\nservers: { search: { url: http://mine/ } }\ndefaults: { retry: { attempts: 1 } }")
            .File("mcp.json", """{ "mcpServers": { "search": { "url": "http://theirs/" }, "other": { "command": "run" } } }""")
            .Load();

        result.Faults.ShouldBeEmpty();
        result.Configuration.Servers[new ServerId("search")].Url!.Host.ShouldBe("mine");
        result.Configuration.Servers[new ServerId("other")].Retry.Attempts.ShouldBe(1);
        result.Warnings.Select(static warning => warning.Message).ShouldBe(["left out: the id is taken at a.yaml:2:12", "the file does not exist"]);
        result.Files.ShouldContain("/etc/mcp/mcp.json");
        result.Files.ShouldContain("/home/me/gone.json");
    }

    [Fact]
    public void Import_prints_our_form_without_reading_a_secret()
    {
        var loading = new Loading().File("/x/mcp.json", Code).File("/y/mcp.json", Claude).Set("MCPACTORS_INPUT_API_KEY", "hunter2");

        ConfigurationImport.Import("/y/mcp.json", loading).Yaml.ShouldBe("""
            version: 1
            servers:
              my-files:
                command: npx
                args: ["-y", server-files, /srv]
                env:
                  PRICE: 5$$$$
                title: My Files
              search:
                url: https://x/mcp
                enabled: "false"

            """);
        var yaml = ConfigurationImport.Import("/x/mcp.json", loading).Yaml.ShouldNotBeNull();
        yaml.ShouldContain("Authorization: Bearer ${MCPACTORS_INPUT_API_KEY}");
        yaml.ShouldNotContain("hunter2");
    }

    [Fact]
    public void What_import_prints_loads_to_the_same_servers()
    {
        var direct = new Loading().File("mcp.json", Claude).Load("mcp.json").Configuration;
        var printed = ConfigurationImport.Import("/etc/mcp/mcp.json", new Loading().File("mcp.json", Claude)).Yaml!;

        var imported = new Loading().File("a.yaml", printed).Load();

        imported.Faults.ShouldBeEmpty();
        ConfigurationJson.WritePlain(imported.Configuration).ShouldBe(ConfigurationJson.WritePlain(direct));
    }
}
