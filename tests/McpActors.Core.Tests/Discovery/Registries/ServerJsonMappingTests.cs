using System.Text;
using System.Text.Json;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Discovery.Registries;
using McpActors.Core.Discovery.Sources;

namespace McpActors.Core.Tests.Discovery.Registries;

public sealed class ServerJsonMappingTests
{
    [Fact]
    public void Remote_becomes_a_server_with_a_url_and_its_fixed_headers()
    {
        var server = Map("""
            {"name":"com.acme/search","title":"Search","version":"1.2.0","remotes":[{"type":"streamable-http","url":"https://{region}.acme.com/mcp",
              "variables":{"region":{"default":"eu"}},"headers":[{"name":"X-Plan","value":"team"},{"name":"X-Hint","isRequired":false}]}]}
            """);

        server.Id.Value.ShouldBe("com-acme-search");
        server.Unavailable.ShouldBeEmpty();
        server.Needs.ShouldBeEmpty();
        server.ApprovalReason.ShouldBeEmpty();
        Definition(server).ShouldBe("""{"title":"Search","url":"https://eu.acme.com/mcp","headers":{"X-Plan":"team"}}""");
        Model(server).Url.ShouldBe(new Uri("https://eu.acme.com/mcp"));
    }

    [Fact]
    public void Required_secret_is_named_and_not_invented()
    {
        var server = Map("""
            {"name":"com.acme/search","remotes":[{"type":"streamable-http","url":"https://acme.com/mcp",
              "headers":[{"name":"Authorization","description":"Your token","value":"Bearer {token}","variables":{"token":{"isRequired":true,"isSecret":true,"default":"leaked"}}}]}]}
            """);

        server.Needs.ShouldHaveSingleItem().ToString().ShouldBe("header Authorization");
        Definition(server).ShouldNotContain("leaked");
        server.Needs[0].IsMetBy(Model(server)).ShouldBeFalse();
    }

    [Fact]
    public void Npm_package_becomes_npx_with_the_exact_version_and_asks_for_approval()
    {
        var server = Map("""
            {"name":"io.github.acme/files","packages":[{"registryType":"npm","identifier":"@acme/files","version":"2.0.1","transport":{"type":"stdio"},
              "runtimeArguments":[{"type":"named","name":"-y"}],
              "packageArguments":[{"type":"named","name":"--root","value":"/srv"},{"type":"positional","default":"all"},{"type":"named","name":"--opt"}],
              "environmentVariables":[{"name":"LOG","default":"info"},{"name":"ACME_TOKEN","isRequired":true,"isSecret":true},{"name":"EXTRA"}]}]}
            """, ApprovalMode.Processes, isChosen: true);

        Definition(server).ShouldBe("""{"title":"io.github.acme/files","command":"npx","args":["-y","@acme/files@2.0.1","--root","/srv","all"],"env":{"LOG":"info"}}""");
        server.Needs.ShouldHaveSingleItem().ToString().ShouldBe("env ACME_TOKEN");
        server.ApprovalReason.ShouldBe("it starts a process: npx -y @acme/files@2.0.1 --root /srv all");
    }

    [Fact]
    public void Pypi_package_becomes_uvx() =>
        Definition(Map("""{"name":"a.b/c","packages":[{"registryType":"pypi","identifier":"acme-files","version":"0.3"}]}"""))
            .ShouldBe("""{"title":"a.b/c","command":"uvx","args":["acme-files@0.3"]}""");

    [Theory]
    [InlineData("""{"registryType":"oci","identifier":"acme/files","version":"1"}""", "container image")]
    [InlineData("""{"registryType":"mcpb","identifier":"x","version":"1"}""", "type 'mcpb'")]
    [InlineData("""{"registryType":"npm","identifier":"--registry=evil","version":"1"}""", "no name of an npm package")]
    [InlineData("""{"registryType":"npm","identifier":"git+ssh://evil/x","version":"1"}""", "no name of an npm package")]
    [InlineData("""{"registryType":"npm","identifier":"@a/../b","version":"1"}""", "no name of an npm package")]
    [InlineData("""{"registryType":"npm","identifier":"x","version":"latest"}""", "no exact version")]
    [InlineData("""{"registryType":"npm","identifier":"x","version":"1 || sh"}""", "no exact version")]
    [InlineData("""{"registryType":"npm","identifier":"x","version":"1","runtimeArguments":[{"type":"named","name":"-c","value":"sh"}]}""", "'-c'")]
    [InlineData("""{"registryType":"npm","identifier":"x","version":"1","environmentVariables":[{"name":"node_options","value":"--require=/tmp/x"}]}""", "which a registry may not set")]
    [InlineData("""{"registryType":"npm","identifier":"x","version":"1","environmentVariables":[{"name":"LD_PRELOAD","isRequired":true}]}""", "which a registry may not set")]
    [InlineData("""{"registryType":"npm","identifier":"x","version":"1","packageArguments":[{"type":"named","name":"--key","isSecret":true}]}""", "is a secret")]
    [InlineData("""{"registryType":"npm","identifier":"x","version":"1","packageArguments":[{"type":"named","name":"--key","isRequired":true}]}""", "has no value")]
    [InlineData("""{"registryType":"npm","identifier":"x","version":"1","transport":{"type":"streamable-http","url":"http://localhost"}}""", "only stdio")]
    public void Package_that_cannot_or_must_not_be_started_is_listed_with_the_reason(string package, string reason)
    {
        var server = Map($$"""{"name":"a.b/c","packages":[{{package}}]}""");

        server.Definition.ShouldBeNull();
        server.Unavailable.ShouldContain(reason);
    }

    [Theory]
    [InlineData("""{"type":"sse","url":"https://acme.com/sse"}""", "sse")]
    [InlineData("""{"type":"streamable-http","url":"https://user:pw@acme.com/"}""", "without user")]
    [InlineData("""{"type":"streamable-http","url":"file:///etc/passwd"}""", "no http")]
    [InlineData("""{"type":"streamable-http","url":"https://{tenant}.acme.com/","variables":{"tenant":{"isRequired":true}}}""", "variables without a value")]
    [InlineData("""{"type":"streamable-http","url":"https://acme.com/","headers":[{"name":"Host","value":"x"}]}""", "'Host'")]
    [InlineData("""{"type":"streamable-http","url":"https://acme.com/","headers":[{"name":"X-A","value":"a\r\nb"}]}""", "no header text")]
    public void Remote_that_cannot_be_spoken_to_is_listed_with_the_reason(string remote, string reason) =>
        Map($$"""{"name":"a.b/c","remotes":[{{remote}}]}""").Unavailable.ShouldContain(reason);

    [Theory]
    [InlineData("https://acme.com/mcp", "Auto", true, false)]
    [InlineData("https://acme.com/mcp", "Auto", false, true)]
    [InlineData("http://acme.com/mcp", "Auto", true, true)]
    [InlineData("https://169.254.169.254/mcp", "Auto", true, true)]
    [InlineData("https://[::1]/mcp", "Auto", true, true)]
    [InlineData("https://0x7f000001/mcp", "Auto", true, true)]
    [InlineData("https://db/mcp", "Auto", true, true)]
    [InlineData("https://metadata.google.internal/mcp", "Auto", true, true)]
    [InlineData("https://acme.com/mcp", "Required", true, true)]
    [InlineData("http://127.0.0.1:1/mcp", "Processes", false, false)]
    public void Services_need_approval_unless_somebody_chose_them_and_they_are_public(string url, string mode, bool isChosen, bool isAsked)
    {
        var server = Map($$"""{"name":"a.b/c","remotes":[{"type":"streamable-http","url":"{{url}}"}]}""", Enum.Parse<ApprovalMode>(mode), isChosen);

        server.Unavailable.ShouldBeEmpty();
        (server.ApprovalReason.Length > 0).ShouldBe(isAsked);
    }

    [Fact]
    public void Form_that_needs_nothing_is_taken_before_one_that_needs_a_secret()
    {
        var server = Map("""
            {"name":"a.b/c","remotes":[{"type":"streamable-http","url":"https://acme.com/","headers":[{"name":"X-Key","isRequired":true,"isSecret":true}]}],
             "packages":[{"registryType":"npm","identifier":"x","version":"1"}]}
            """);

        server.Needs.ShouldBeEmpty();
        Definition(server).ShouldContain("npx");
    }

    [Fact]
    public void References_in_a_registry_are_text()
    {
        var server = Map("""{"name":"a.b/c","remotes":[{"type":"streamable-http","url":"https://acme.com/","headers":[{"name":"X-A","value":"${file:/etc/passwd}"}]}]}""");

        Model(server).Headers["X-A"].ShouldBe("${file:/etc/passwd}");
    }

    private static DiscoveredServer Map(string json, ApprovalMode mode = ApprovalMode.Auto, bool isChosen = true) =>
        ServerJsonMapping.Map(RegistryPageReader.Read(Encoding.UTF8.GetBytes($$"""{"servers":[{"server":{{json}}}]}""")).Servers.ShouldHaveSingleItem(), mode, isChosen);

    private static string Definition(DiscoveredServer server) =>
        JsonSerializer.Serialize(JsonDocument.Parse(server.Definition.ShouldNotBeNull()).RootElement);

    private static ServerModel Model(DiscoveredServer server)
    {
        var read = new ServerDefinitionReader().Read(server.Id, server.Definition!.Value, ServerDefinition.Default);
        read.Faults.ShouldBeEmpty();
        return read.Model!;
    }
}
