using Microsoft.Data.Sqlite;

namespace McpActors.Gateway.Tests.Management;

/// <summary>The routes that change something; each test looks at what it changed.</summary>
public sealed class OperatorRoutesTests(ManagementNode node) : IClassFixture<ManagementNode>
{
    [Fact]
    public async Task A_server_is_added_used_changed_and_removed_at_run_time()
    {
        var created = await node.SendAsync("PUT", "/api/v1/servers/added", $$"""{"url":"{{node.Mock.Url}}"}""");
        var answer = await node.CallAsync("added", "echo", """{"message":"hello"}""");
        var changed = await node.SendAsync("PUT", "/api/v1/servers/added", $$$"""{"url":"{{{node.Mock.Url}}}","concurrency":{"max":7}}""");
        var state = await node.OkAsync("GET", "/api/v1/servers/added");
        var removed = await node.OkAsync("DELETE", "/api/v1/servers/added");

        created.Status.ShouldBe(201);
        ((string?)answer["content"]![0]!["text"])!.ShouldContain("hello");
        changed.Status.ShouldBe(200);
        ((long?)changed.Body["revision"])!.Value.ShouldBeGreaterThan((long)created.Body["revision"]!);
        ((int?)state["budgets"]!["permits"]).ShouldBe(7);
        ((string?)removed["result"]).ShouldBe("removed");
        (await node.SendAsync("GET", "/api/v1/servers/added")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_wrong_definition_is_refused_with_place_and_rule_and_changes_nothing()
    {
        var (status, problem) = await node.SendAsync("PUT", "/api/v1/servers/wrong", """{"url":"ftp://x","concurrency":{"max":"many"},"tiemout":{}}""");

        status.ShouldBe(400);
        ((string?)problem["code"]).ShouldBe("badDefinition");
        var faults = problem["faults"]!.AsArray().Select(fault => (string)fault!).ToArray();
        faults.ShouldContain(fault => fault.Contains("concurrency.max", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.Contains("did you mean 'timeout'", StringComparison.Ordinal));
        (await node.SendAsync("GET", "/api/v1/servers/wrong")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_wrong_id_is_refused_with_the_rule() =>
        (await node.RefusedAsync(400, "badId", "PUT", "/api/v1/servers/Not_An_Id", """{"url":"http://127.0.0.1:1/mcp"}""")).ShouldContain("[a-z0-9]");

    [Fact]
    public async Task A_body_that_is_no_JSON_is_refused() =>
        (await node.RefusedAsync(400, "badDefinition", "PUT", "/api/v1/servers/search", "{")).ShouldNotBeEmpty();

    [Fact]
    public async Task A_disabled_server_refuses_calls_until_it_is_enabled_or_restored()
    {
        (await node.OkAsync("POST", "/api/v1/servers/second/disable"))["result"]!.ToString().ShouldBe("disabled");
        ((string?)(await node.OkAsync("GET", "/api/v1/servers/second"))["state"]).ShouldBe("disabled");
        var refused = await node.CallAsync("second", "echo", """{"message":"x"}""");
        (await node.OkAsync("POST", "/api/v1/servers/second/enable"))["result"]!.ToString().ShouldBe("enabled");
        var served = await node.CallAsync("second", "echo", """{"message":"x"}""");
        await node.OkAsync("POST", "/api/v1/servers/second/restore");

        ((int?)refused["status"]).ShouldBe(503);
        served["content"].ShouldNotBeNull();
        (await node.OkAsync("GET", "/api/v1/config"))["overlay"]!.AsArray().Select(entry => (string?)entry!["id"]).ShouldNotContain("second");
    }

    [Fact]
    public async Task A_forced_circuit_says_why_and_until_when_and_a_reset_closes_it()
    {
        await node.OkAsync("PUT", "/api/v1/servers/search/circuit", """{"mode":"forcedOpen","reason":"maintenance","ttl":"30m"}""");
        var circuit = (await node.OkAsync("GET", "/api/v1/servers/search"))["circuit"]!;
        var refused = await node.CallAsync("search", "echo", """{"message":"x"}""");
        await node.OkAsync("POST", "/api/v1/servers/search/circuit/reset");
        await node.OkAsync("PUT", "/api/v1/servers/search/circuit", """{"mode":"auto"}""");
        var after = (await node.OkAsync("GET", "/api/v1/servers/search"))["circuit"]!;
        var history = (await node.OkAsync("GET", "/api/v1/servers/search/events"))["events"]!.AsArray();

        ((string?)circuit["state"]).ShouldBe("open");
        ((string?)circuit["mode"]).ShouldBe("forcedOpen");
        ((string?)circuit["reason"])!.ShouldContain("maintenance");
        (circuit["until"]!.GetValue<DateTimeOffset>() - circuit["since"]!.GetValue<DateTimeOffset>()).ShouldBe(TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(1));
        ((int?)refused["status"]).ShouldBe(503);
        ((string?)after["mode"]).ShouldBe("auto");
        ((string?)after["state"]).ShouldBe("closed");
        history.Count.ShouldBeGreaterThan(1);
        history.Select(entry => (string)entry!["text"]!).ShouldContain(text => text.Contains("maintenance", StringComparison.Ordinal));
    }

    [Fact]
    public async Task History_comes_by_pages()
    {
        for (var i = 0; i < 3; i++)
            await node.OkAsync("POST", "/api/v1/servers/second/circuit/reset");

        var first = await node.OkAsync("GET", "/api/v1/servers/second/events?after=0&limit=2");
        var rest = await node.OkAsync("GET", $"/api/v1/servers/second/events?after={first["next"]}");

        var seen = first["events"]!.AsArray().Concat(rest["events"]!.AsArray()).Select(entry => (long)entry!["sequence"]!).ToArray();
        first["events"]!.AsArray().Count.ShouldBe(2);
        seen.ShouldBe(seen.Order());
        seen.ShouldBeUnique();
        (await node.RefusedAsync(400, "badAfter", "GET", "/api/v1/servers/second/events?after=x")).ShouldContain("whole number");
    }

    [Fact]
    public async Task History_that_cannot_be_read_is_no_fault_of_the_gateway()
    {
        await using var own = new ManagementNode();
        await own.InitializeAsync();
        await using var store = new SqliteConnection($"Data Source={Path.Combine(own.Folder, "journal.db")}");
        await store.OpenAsync();
        await using var rename = store.CreateCommand();
        rename.CommandText = "ALTER TABLE journal RENAME TO away";
        await rename.ExecuteNonQueryAsync();

        (await own.RefusedAsync(503, "noJournal", "GET", "/api/v1/servers/second/events")).ShouldContain("second");
    }

    [Theory]
    [InlineData("""{"mode":"open"}""", "badBody")]
    [InlineData("""{"mode":"forcedOpen","until":"x"}""", "badBody")]
    [InlineData("""{}""", "badMode")]
    [InlineData("""{"mode":"forcedOpen","ttl":"soon"}""", "badTtl")]
    [InlineData("""{"mode":"forcedOpen","ttl":"0s"}""", "badTtl")]
    [InlineData("nonsense", "badBody")]
    public async Task A_wrong_circuit_order_is_refused_with_what_was_expected(string body, string code) =>
        (await node.RefusedAsync(400, code, "PUT", "/api/v1/servers/search/circuit", body)).Length.ShouldBeGreaterThan(10);

    [Fact]
    public async Task Restart_and_a_cleared_cache_say_what_they_did()
    {
        ((string?)(await node.OkAsync("POST", "/api/v1/servers/second/restart"))["result"])!.ShouldContain("next call");
        ((string?)(await node.OkAsync("POST", "/api/v1/servers/second/cache/clear"))["result"])!.ShouldContain("dropped");
    }

    [Fact]
    public async Task The_configuration_is_shown_with_secrets_masked()
    {
        var config = await node.OkAsync("GET", "/api/v1/config");

        config.ToJsonString().ShouldNotContain("very-secret");
        ((string?)config["hash"]).ShouldBe((string?)config["agreedHash"]);
        ((bool?)config["drift"]).ShouldBe(false);
        config["configuration"]!["servers"]!["search"].ShouldNotBeNull();
        var here = config["nodes"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)here["state"]).ShouldBe("inStep");
        ((string?)here["files"]![0]).ShouldBe(node.ConfigurationFile);
    }

    [Fact]
    public async Task Headers_and_variables_that_were_entered_at_run_time_are_masked_whatever_they_are_called()
    {
        await node.OkAsync("PUT", "/api/v1/servers/entered", """{"command":"run","env":{"HARMLESS":"hunter2"}}""");
        await node.OkAsync("PUT", "/api/v1/servers/entered-too", """{"url":"http://127.0.0.1:1/mcp","headers":{"X-Harmless":"hunter3"}}""");

        var config = await node.OkAsync("GET", "/api/v1/config");

        config["configuration"]!["servers"]!["entered"].ShouldNotBeNull();
        config.ToJsonString().ShouldNotContain("hunter");
        await node.OkAsync("DELETE", "/api/v1/servers/entered");
        await node.OkAsync("DELETE", "/api/v1/servers/entered-too");
    }

    [Fact]
    public async Task A_changed_file_is_previewed_then_applied_and_a_bad_one_changes_nothing()
    {
        await File.WriteAllTextAsync(node.ConfigurationFile, node.Yaml("  third: { url: \"http://127.0.0.1:9/mcp\" }"));
        var preview = await node.OkAsync("GET", "/api/v1/config/diff");
        var reloaded = await node.OkAsync("POST", "/api/v1/config/reload");
        var there = await node.SendAsync("GET", "/api/v1/servers/third");
        await File.WriteAllTextAsync(node.ConfigurationFile, node.Yaml("  third: { url: 7, nonsense: true }"));
        var (status, bad) = await node.SendAsync("POST", "/api/v1/config/reload");

        // The watcher may have seen the change first: then there is nothing left to preview or to reload.
        Names(preview).Concat(Names(reloaded)).ShouldBeSubsetOf(["third"]);
        there.Status.ShouldBe(200);
        status.ShouldBe(422);
        ((string?)bad["code"]).ShouldBe("badConfiguration");
        bad["faults"]!.AsArray().Count.ShouldBe(2);
        ((string?)bad["detail"])!.ShouldContain("servers.third.nonsense");
        (await node.SendAsync("GET", "/api/v1/servers/third")).Status.ShouldBe(200);
    }

    private static IEnumerable<string> Names(System.Text.Json.Nodes.JsonNode answer) => answer["added"]!.AsArray().Select(id => (string)id!);
}
