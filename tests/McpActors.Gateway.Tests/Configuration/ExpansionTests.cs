using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;

namespace McpActors.Gateway.Tests.Configuration;

/// <summary>References in values.</summary>
public sealed class ExpansionTests
{
    [Theory]
    [InlineData("${NAME}", "value")]
    [InlineData("a ${NAME} b ${env:NAME}", "a value b value")]
    [InlineData("${OTHER:-fallback}", "fallback")]
    [InlineData("${EMPTY:-fallback}", "fallback")]
    [InlineData("${NAME:-fallback}", "value")]
    [InlineData("${OTHER:-}", "")]
    [InlineData("${file:token.txt}", "t0ken")]
    [InlineData("$$", "$")]
    [InlineData("$${NAME}", "${NAME}")]
    [InlineData("a$b $", "a$b $")]
    public void A_reference_stands_for_its_value(string text, string expected)
    {
        var result = Load($"servers: {{ a: {{ command: x, env: {{ V: \"{text}\" }} }} }}");

        result.Faults.ShouldBeEmpty();
        result.Configuration.Servers[new ServerId("a")].Environment["V"].ShouldBe(expected);
    }

    [Theory]
    [InlineData("${GONE}", "the environment variable GONE is not set; set it, or give a default as ${GONE:-…}")]
    [InlineData("${env:GONE}", "the environment variable GONE is not set; set it, or give a default as ${GONE:-…}")]
    [InlineData("${file:gone.txt}", "the file /etc/mcp/gone.txt does not exist")]
    [InlineData("${NAME", "found '${' without '}'; a dollar is written $$")]
    [InlineData("${}", "found ${}, expected the name of an environment variable; a dollar is written $$")]
    [InlineData("${vault:x}", "found ${vault:x}, expected ${NAME}, ${NAME:-default}, ${env:NAME} or ${file:PATH}; a dollar is written $$")]
    public void A_bad_reference_is_a_fault(string text, string fault)
    {
        var result = Load($"servers: {{ a: {{ command: x, env: {{ V: \"{text}\" }} }} }}");

        result.Faults.ShouldHaveSingleItem().ToString().ShouldBe($"a.yaml:1:39: servers.a.env.V: {fault}");
    }

    [Fact]
    public void A_reference_works_where_no_text_is_expected_and_never_in_a_key()
    {
        var result = Load("cluster: { shards: \"${SHARDS}\", advertise: \"${ADVERTISE:-}\" }\nservers: { a: { command: x, env: { \"${NAME}\": 1 } } }");

        result.Faults.ShouldBeEmpty();
        result.Configuration.Cluster.Shards.ShouldBe(12);
        result.Configuration.Cluster.Advertise.ShouldBeNull();
        result.Configuration.Servers[new ServerId("a")].Environment.Keys.ShouldBe(["${NAME}"]);
    }

    [Fact]
    public void A_value_cannot_become_structure()
    {
        var result = new Loading().File("a.yaml", "node: { name: \"${X}\" }").Set("X", "a, roles: [worker]").Load();

        result.Configuration.Node.Name.ShouldBe("a, roles: [worker]");
        result.Configuration.Node.Roles.Count.ShouldBe(2);
    }

    [Fact]
    public void A_bad_value_from_elsewhere_is_not_shown()
    {
        var result = new Loading().File("a.yaml", "shutdown: { drain: \"${X}\" }").Set("X", "hunter2").Load();

        result.Faults.ShouldHaveSingleItem().ToString().ShouldBe("a.yaml:1:20: shutdown.drain: found a value that is not shown, expected a duration from 0s to 1h");
    }

    [Fact]
    public void Secrets_are_masked_wherever_the_configuration_is_shown()
    {
        var result = new Loading()
            .File("a.yaml", """
                defaults: { headers: { X-Site: "${SECRET}" } }
                persistence: { connection: "Data Source=x.db;Password=hunter2" }
                servers:
                  http: { url: "https://x/?api_key=hunter2&q=1", headers: { Authorization: Bearer hunter2, X-Plain: shown } }
                  stdio: { command: run, args: [--token, hunter2, --key=hunter2, "${SECRET}", shown], env: { API_KEY: hunter2, PLAIN: shown, FROM: "${SECRET}" }, envFile: e }
                """)
            .File("e", "INNOCENT=hunter2")
            .Set("SECRET", "hunter2")
            .Load();

        result.Faults.ShouldBeEmpty();
        var json = Encoding.UTF8.GetString(ConfigurationJson.WriteMasked(result.Configuration));
        json.ShouldNotContain("hunter2");
        json.Split("shown").Length.ShouldBe(4);
        json.ShouldContain("q=1");
        json.ShouldContain("--token");
        Encoding.UTF8.GetString(ConfigurationJson.WritePlain(result.Configuration)).ShouldContain("hunter2");
    }

    private static Gateway.Configuration.ConfigurationResult Load(string yaml) =>
        new Loading().File("a.yaml", yaml).File("token.txt", "t0ken\n").Set("NAME", "value").Set("EMPTY", "").Set("SHARDS", "12").Load();
}
