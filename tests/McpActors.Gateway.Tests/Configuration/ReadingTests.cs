using McpActors.Core.Configuration;
using McpActors.Core.Servers;

namespace McpActors.Gateway.Tests.Configuration;

/// <summary>What good files mean.</summary>
public sealed class ReadingTests
{
    [Fact]
    public void An_empty_file_is_the_defaults()
    {
        var result = Loading.Yaml("# nothing\n");

        result.Faults.ShouldBeEmpty();
        result.Configuration.Front.ShouldBe(ListenerOptions.Front);
        result.Configuration.Servers.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("no")]
    [InlineData("on")]
    [InlineData("off")]
    [InlineData("y")]
    [InlineData("true")]
    [InlineData("1.10")]
    [InlineData("2026-07-28")]
    [InlineData("0x1F")]
    public void A_plain_value_is_text_where_text_is_expected(string word)
    {
        var result = Loading.Yaml($"servers: {{ a: {{ command: x, env: {{ V: {word} }}, args: [{word}] }} }}");

        result.Faults.ShouldBeEmpty();
        Server(result).Environment["V"].ShouldBe(word);
        Server(result).Arguments.ShouldBe([word]);
    }

    [Fact]
    public void Anchors_stand_for_what_they_mark()
    {
        var result = Loading.Yaml("""
            servers:
              a: { url: http://x/, retry: &retry { attempts: 2 } }
              b: { url: http://y/, retry: *retry }
            """);

        result.Faults.ShouldBeEmpty();
        Server(result, "b").Retry.Attempts.ShouldBe(2);
    }

    [Fact]
    public void A_server_inherits_the_defaults_key_by_key()
    {
        var result = Loading.Yaml("""
            servers:
              a:
                url: http://x/
                retry: { attempts: 5 }
                labels: { team: a }
                headers: { x-one: "1", X-Gone: }
                tools: { t: { hidden: true } }
            defaults:
              retry: { attempts: 2, baseDelay: 1s }
              labels: { site: home, team: all }
              headers: { X-One: "0", X-Gone: x }
              tools: { t: { effect: readOnly }, u: { effect: idempotent } }
            """);

        result.Faults.ShouldBeEmpty();
        var server = Server(result);
        server.Retry.Attempts.ShouldBe(5);
        server.Retry.BaseDelay.ShouldBe(TimeSpan.FromSeconds(1));
        server.Labels.ShouldBe(new Dictionary<string, string> { ["site"] = "home", ["team"] = "a" }, ignoreOrder: true);
        server.Headers.ShouldHaveSingleItem().Value.ShouldBe("1");
        server.Tool("t").ShouldBe(new ToolModel { Effect = ToolEffect.ReadOnly, Hidden = true });
        server.Tool("u").Effect.ShouldBe(ToolEffect.Idempotent);
    }

    [Fact]
    public void Defaults_for_the_other_kind_of_server_do_not_reach_it()
    {
        var result = Loading.Yaml("""
            defaults: { headers: { X-A: b }, env: { A: b } }
            servers: { h: { url: http://x/ }, s: { command: run } }
            """);

        result.Faults.ShouldBeEmpty();
        Server(result, "h").Environment.ShouldBeEmpty();
        Server(result, "s").Headers.ShouldBeEmpty();
    }

    [Fact]
    public void Relative_paths_start_from_the_folder_of_their_file()
    {
        var result = new Loading()
            .File("sub/a.yaml", """
                persistence: { connection: "Data Source=../x.db;Cache=Shared" }
                servers: { a: { command: ./bin/run, cwd: work, envFile: my.env }, b: { command: npx }, c: { command: ~/run } }
                """)
            .File("sub/my.env", "# a comment\nexport A=1\nB='two words'\nC=\n")
            .Load("sub/a.yaml");

        result.Faults.ShouldBeEmpty();
        result.Configuration.Persistence.Connection.ShouldBe("Data Source=/etc/mcp/x.db;Cache=Shared");
        Server(result).Command.ShouldBe("/etc/mcp/sub/bin/run");
        Server(result).WorkingDirectory.ShouldBe("/etc/mcp/sub/work");
        Server(result).Environment.ShouldBe(new Dictionary<string, string> { ["A"] = "1", ["B"] = "two words", ["C"] = "" }, ignoreOrder: true);
        Server(result, "b").Command.ShouldBe("npx");
        Server(result, "b").WorkingDirectory.ShouldBe("/etc/mcp/sub");
        Server(result, "c").Command.ShouldBe("/home/me/run");
        result.Files.ShouldBe(["/etc/mcp/sub/a.yaml", "/etc/mcp/sub/my.env"]);
    }

    [Fact]
    public void The_default_store_lies_beside_the_file() =>
        Loading.Yaml("persistence: { retention: 7d }").Configuration.Persistence.Connection.ShouldBe("Data Source=/etc/mcp/data/mcpactors.db");

    [Fact]
    public void A_bad_env_file_is_told_without_its_content()
    {
        var result = new Loading().File("a.yaml", "servers: { a: { command: x, envFile: e } }").File("e", "A=1\nhunter2\n").Load();

        result.Faults.ShouldHaveSingleItem().ToString().ShouldBe("a.yaml:1:38: servers.a.envFile: /etc/mcp/e: line 2 is no NAME=value");
    }

    [Fact]
    public void Several_files_lie_over_each_other()
    {
        var result = new Loading()
            .File("a.yaml", "version: 1\nservers: { a: { url: http://x/ } }\nlimits: { depth: 32 }")
            .File("b.yaml", "version: 1\nservers: { b: { url: http://y/ }, a: { retry: { attempts: 1 } } }\nlimits:")
            .Load("a.yaml", "b.yaml");

        result.Faults.ShouldBeEmpty();
        result.Configuration.Servers.Count.ShouldBe(2);
        Server(result).Retry.Attempts.ShouldBe(1);
        result.Configuration.Limits.Depth.ShouldBe(32);
    }

    [Fact]
    public void The_same_leaf_in_two_files_is_a_fault_that_names_both()
    {
        var result = new Loading()
            .File("a.yaml", "limits:\n  depth: 32")
            .File("b.yaml", "front: {}\nlimits: { depth: 32 }")
            .Load("a.yaml", "b.yaml");

        result.Faults.ShouldHaveSingleItem().ToString().ShouldBe("b.yaml:2:18: limits.depth: already set at a.yaml:2:10");
    }

    [Fact]
    public void Our_own_form_may_be_written_in_JSON_with_comments()
    {
        var result = new Loading().File("a.json", """
            { // ours
              "version": 1, "servers": { "a": { "url": "http://x/", "retry": { "attempts": 2, } } },
            }
            """).Load("a.json");

        result.Faults.ShouldBeEmpty();
        Server(result).Retry.Attempts.ShouldBe(2);
    }

    [Fact]
    public void Ten_thousand_servers_share_what_they_inherit()
    {
        var yaml = "servers:\n" + string.Concat(Enumerable.Range(0, 10_000).Select(static i => $"  s{i}: {{ url: \"http://127.0.0.1:9/{i}\" }}\n"));
        var loader = new Loading().File("a.yaml", yaml).Loader;
        var servers = loader.Load("a.yaml").Configuration.Servers;

        servers.Count.ShouldBe(10_000);
        servers.Values.Select(static server => server.Circuit).Distinct(ReferenceEqualityComparer.Instance).Count().ShouldBe(1);
    }

    [Theory]
    [InlineData("{ \"limits\": {\n \"depth\": 1 } }", "a.json:2:11: limits.depth: found '1', expected a whole number from 8 to 512")]
    [InlineData("{ \"limits\": {},\n \"limits\": {} }", "a.json:2:2: limits: the key 'limits' is already in line 1")]
    [InlineData("{ \"limits\": nope }", "a.json:1:14: no valid JSON: 'o' is an invalid start of a value")]
    public void Faults_in_JSON_have_their_place_too(string json, string fault)
    {
        var result = new Loading().File("a.json", json).Load("a.json");

        var found = result.Faults.ShouldHaveSingleItem().ToString();
        if (fault.Contains("no valid JSON", StringComparison.Ordinal))
            found.ShouldStartWith("a.json:1:1");
        else
            found.ShouldBe(fault);
    }

    private static ServerModel Server(Gateway.Configuration.ConfigurationResult result, string id = "a") => result.Configuration.Servers[new ServerId(id)];
}
