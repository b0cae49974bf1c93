using System.Text;
using FsCheck.Xunit;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;

namespace McpActors.Core.Tests.Configuration;

public sealed class ServerDefinitionsTests
{
    private static readonly ServerId Id = new("a");

    private const string Full = """
        { "url": "https://x/mcp?token=hunter2", "title": "T", "headers": { "Authorization": "Bearer hunter2", "X-A": "b" }, "protocol": "2025-06-18",
          "timeout": { "call": "2s" }, "retry": { "jitter": "full" }, "circuit": { "failureRate": 0.3 }, "concurrency": { "max": 2 }, "cache": { "bytes": 1024, "persist": "all" },
          "health": { "interval": "5s" }, "labels": { "team": "x" }, "tools": { "t": { "effect": "readOnly", "cache": { "ttl": "1m" }, "timeout": { "call": "3s" }, "hidden": true } },
          "isolation": "session", "start": "eager", "idleStop": "1m", "enabled": false, "trustAnnotations": true }
        """;

    [Fact]
    public void A_definition_survives_being_written()
    {
        var model = Read(Full);

        var again = Read(Encoding.UTF8.GetString(ServerDefinitions.Write(model)));

        again.Revision.ShouldBe(model.Revision);
        again.Tool("t").ShouldBe(new ToolModel { Effect = ToolEffect.ReadOnly, CacheTtl = TimeSpan.FromMinutes(1), CallTimeout = TimeSpan.FromSeconds(3), Hidden = true });
        again.Circuit.FailureRate.ShouldBe(0.3);
        again.Isolation.ShouldBe(Isolation.Session);
        again.Protocol.ShouldBe("2025-06-18");
    }

    [Theory]
    [InlineData("\"title\": \"T\"", "\"title\": \"U\"")]
    [InlineData("hunter2\", \"X-A\"", "hunter3\", \"X-A\"")]
    [InlineData("\"max\": 2", "\"max\": 3")]
    [InlineData("\"hidden\": true", "\"hidden\": false")]
    [InlineData("\"team\": \"x\"", "\"team\": \"y\"")]
    [InlineData("\"start\": \"eager\"", "\"start\": \"onDemand\"")]
    public void Every_setting_is_in_the_revision(string from, string to)
    {
        Full.ShouldContain(from);
        Read(Full.Replace(from, to, StringComparison.Ordinal)).Revision.ShouldNotBe(Read(Full).Revision);
    }

    [Fact]
    public void The_revision_does_not_depend_on_the_order_of_names() =>
        Read("""{ "command": "x", "env": { "A": "1", "B": "2" } }""").Revision.ShouldBe(Read("""{ "env": { "B": "2", "A": "1" }, "command": "x" }""").Revision);

    [Fact]
    public void What_is_shown_has_no_secret()
    {
        var shown = Encoding.UTF8.GetString(ServerDefinitions.WriteMasked(Read(Full), new HashSet<string> { "servers.a.title", "defaults.labels.team" }));

        shown.ShouldNotContain("hunter2");
        shown.ShouldContain("\"title\":\"***\"");
        shown.ShouldContain("\"team\":\"***\"");
        shown.ShouldContain("\"X-A\":\"b\"");
    }

    [Fact]
    public void A_definition_of_the_API_reads_no_file_of_the_machine()
    {
        ServerDefinitions.Read(Id, """{ "command": "x", "envFile": "/etc/passwd" }"""u8, ServerDefinition.Default, out var faults).ShouldBeNull();

        faults.ShouldHaveSingleItem().Message.ShouldBe("the file /etc/passwd may not be read here");
    }

    [Theory]
    [InlineData("[]", "request:1:1: found a list, expected a map with url, endpoints or command")]
    [InlineData("{}", "request:1:1: found none of url, endpoints and command, expected one of them")]
    [InlineData("{ \"url\": \"http://x/\", \"ulr\": 1 }", "request:1:23: ulr: unknown key 'ulr'; did you mean 'url'?")]
    [InlineData("{ \"url\": \"http://x/\", \"url\": \"http://y/\" }", "request:1:23: url: the key 'url' is already in line 1")]
    public void A_bad_definition_is_told_like_a_bad_file(string json, string fault)
    {
        ServerDefinitions.Read(Id, Encoding.UTF8.GetBytes(json), ServerDefinition.Default, out var faults).ShouldBeNull();

        faults.ShouldHaveSingleItem().ToString().ShouldBe(fault);
    }

    [Property(MaxTest = 500)]
    public bool Any_bytes_are_read_or_refused_but_never_thrown_at(byte[] bytes)
    {
        var model = ServerDefinitions.Read(Id, bytes, ServerDefinition.Default, out var faults);
        return (model is null) == (faults.Count > 0);
    }

    private static ServerModel Read(string json)
    {
        var model = ServerDefinitions.Read(Id, Encoding.UTF8.GetBytes(json), ServerDefinition.Default, out var faults);
        faults.ShouldBeEmpty();
        return model.ShouldNotBeNull();
    }
}
