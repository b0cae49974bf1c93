using McpActors.Gateway.Cli;

namespace McpActors.Gateway.Tests.Management;

/// <summary>Every route of the management listener, over HTTP, against a whole node.</summary>
public sealed class ManagementRoutesTests(ManagementNode node) : IClassFixture<ManagementNode>
{
    [Theory]
    [InlineData("/alive")]
    [InlineData("/healthz/live")]
    public async Task A_live_node_says_so(string path) => ((string?)(await node.OkAsync("GET", path))["status"]).ShouldBe("ok");

    [Theory]
    [InlineData("/ready")]
    [InlineData("/healthz/ready")]
    public async Task Readiness_names_every_part(string path)
    {
        var answer = await node.OkAsync("GET", path);

        ((string?)answer["status"]).ShouldBe("ok");
        answer["checks"]!.AsArray().Select(check => (string?)check!["name"]).ShouldBe(["cluster", "start", "journal", "configuration", "intake"]);
    }

    [Fact]
    public async Task The_status_shows_the_node_and_its_servers()
    {
        var status = await node.OkAsync("GET", "/api/v1/status");

        ((string?)status["node"])!.ShouldStartWith("akka.tcp://mcpactors@127.0.0.1:");
        ((int?)status["serverCount"])!.Value.ShouldBe(status["servers"]!.AsArray().Count);
        var one = status["nodes"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)one["node"]).ShouldBe((string?)status["node"]);
        ((string?)one["state"]).ShouldBe("ok");
        ((bool)one["leader"]!).ShouldBeTrue();
        ((bool)one["drift"]!).ShouldBeFalse();
        status["startedAt"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task Servers_come_by_pages_in_the_order_of_their_ids()
    {
        var first = await node.OkAsync("GET", "/api/v1/servers?limit=2");
        var rest = await node.OkAsync("GET", $"/api/v1/servers?after={first["next"]}");

        first["servers"]!.AsArray().Select(server => (string?)server!["id"]).ShouldBe(["broken", "search"]);
        ((string?)first["next"]).ShouldBe("search");
        rest["servers"]!.AsArray().Select(server => (string?)server!["id"]).ShouldBe(["second"]);
        rest["next"].ShouldBeNull();
    }

    [Theory]
    [InlineData("/api/v1/servers?limit=0")]
    [InlineData("/api/v1/servers?limit=ten")]
    [InlineData("/api/v1/servers?limit=1001")]
    [InlineData("/api/v1/servers/search/events?limit=-1")]
    [InlineData("/api/v1/tools?limit=x")]
    public async Task A_wrong_limit_is_refused_with_its_range(string path) =>
        (await node.RefusedAsync(400, "badLimit", "GET", path)).ShouldContain("from 1 to 1000");

    [Fact]
    public async Task One_server_is_shown_with_all_that_its_actor_knows()
    {
        await node.CallAsync("search", "echo", """{"message":"x"}""");

        var server = await node.OkAsync("GET", "/api/v1/servers/search");

        foreach (var part in new[] { "id", "title", "state", "owner", "transport", "era", "recovered", "inFlight", "queue", "circuit", "cache", "budgets", "healed", "connections", "lastErrors", "lists" })
            server[part].ShouldNotBeNull(part);
        ((string?)server["state"]).ShouldBe("ready");
        foreach (var part in new[] { "state", "mode", "window", "consecutiveFailures" })
            server["circuit"]![part].ShouldNotBeNull(part);
    }

    [Fact]
    public async Task Why_a_process_does_not_start_is_shown_to_operators_and_not_to_callers()
    {
        var answer = await node.CallAsync("broken", "echo", "{}");
        var server = await node.OkAsync("GET", "/api/v1/servers/broken");

        answer.ToJsonString().ShouldNotContain("licence");
        var reason = (string)server["reason"]!;
        reason.ShouldContain("exit code 3");
        reason.ShouldContain("last line of stderr: no such licence");
        ((string?)server["lastErrors"]![0]!["text"])!.ShouldContain("no such licence");
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("GET", "/events")]
    [InlineData("POST", "/enable")]
    [InlineData("POST", "/disable")]
    [InlineData("POST", "/restart")]
    [InlineData("POST", "/restore")]
    [InlineData("POST", "/circuit/reset")]
    [InlineData("POST", "/cache/clear")]
    [InlineData("PUT", "/circuit")]
    public async Task An_unknown_server_is_404_with_the_nearest_name(string method, string suffix)
    {
        var detail = await node.RefusedAsync(404, "unknownServer", method, $"/api/v1/servers/saerch{suffix}", method == "PUT" ? """{"mode":"auto"}""" : null);

        detail.ShouldContain("'saerch'");
        detail.ShouldContain("Did you mean 'search'?");
    }

    [Fact]
    public async Task The_tools_of_an_unknown_server_are_404_with_the_nearest_name() =>
        (await node.RefusedAsync(404, "unknownServer", "GET", "/api/v1/tools?server=secund")).ShouldContain("'second'");

    [Fact]
    public async Task Tools_come_by_pages_with_their_effect_and_the_missing_servers_are_named()
    {
        var all = await node.OkAsync("GET", "/api/v1/tools?server=search");
        var first = await node.OkAsync("GET", "/api/v1/tools?server=search&limit=1");
        var second = await node.OkAsync("GET", $"/api/v1/tools?server=search&limit=1&after={Uri.EscapeDataString((string)first["next"]!)}");

        var names = all["tools"]!.AsArray().Select(tool => (string?)tool!["name"]).ToArray();
        names.Length.ShouldBeGreaterThan(1);
        ((string?)all["tools"]![0]!["effect"]).ShouldBe("write");
        ((string?)first["tools"]![0]!["name"]).ShouldBe(names[0]);
        ((string?)second["tools"]![0]!["name"]).ShouldBe(names[1]);
        (await node.OkAsync("GET", "/api/v1/tools?refresh=true"))["unavailable"]!.AsArray().Select(server => (string?)server!["server"]).ShouldContain("broken");
    }

    [Fact]
    public async Task A_wrong_refresh_is_refused() =>
        (await node.RefusedAsync(400, "badRefresh", "GET", "/api/v1/tools?refresh=yes")).ShouldContain("true or false");

    [Fact]
    public async Task A_tool_is_called_over_the_management_listener_too() =>
        ((string?)(await node.OkAsync("POST", "/api/v1/servers/search/tools/echo", """{"message":"over management"}"""))["content"]![0]!["text"])!.ShouldContain("over management");

    [Fact]
    public async Task The_members_are_shown_as_Akka_Management_does()
    {
        var members = await node.OkAsync("GET", "/cluster/members");
        var self = (string)members["selfNode"]!;

        ((string?)members["leader"]).ShouldBe(self);
        ((string?)members["oldest"]).ShouldBe(self);
        ((string?)members["members"]![0]!["status"]).ShouldBe("Up");
        members["unreachable"]!.AsArray().Count.ShouldBe(0);
        ((string?)(await node.OkAsync("GET", $"/cluster/members/{new Uri(self.Replace("akka.tcp", "tcp", StringComparison.Ordinal)).Authority}"))["node"]).ShouldBe(self);
    }

    [Fact]
    public async Task A_member_is_known_by_its_name_too()
    {
        var self = (await node.OkAsync("GET", "/cluster/members"))["members"]![0]!;
        var name = (string)self["name"]!;
        self["roles"]!.AsArray().Select(role => (string?)role).ShouldBe(["front", "worker"]);
        (await node.OkAsync("GET", "/cluster/members"))["oldestPerRole"]!.AsObject().Select(role => role.Key).Order().ShouldBe(["front", "worker"]);

        ((string?)(await node.OkAsync("GET", $"/cluster/members/{Uri.EscapeDataString(name)}"))["node"]).ShouldBe((string?)self["node"]);
        (await node.RefusedAsync(400, "notConfirmed", "PUT", $"/cluster/members/{Uri.EscapeDataString(name)}?operation=down")).ShouldContain("confirm=true");
    }

    [Fact]
    public async Task Shards_and_singletons_are_shown_with_their_node()
    {
        await node.CallAsync("search", "echo", """{"message":"x"}""");
        var self = (string?)(await node.OkAsync("GET", "/cluster/members"))["selfNode"];

        var shards = (await node.OkAsync("GET", "/cluster/shards/server"))["regions"]!.AsArray();
        shards.ShouldNotBeEmpty();
        shards.ShouldAllBe(shard => (string?)shard!["node"] == self);
        shards.SelectMany(shard => shard!["entities"]!.AsArray()).Select(entity => (string?)entity).ShouldContain("search");
        ((string?)(await node.OkAsync("GET", "/cluster/singletons"))["singletons"]![0]!["node"]).ShouldBe(self);
        (await node.RefusedAsync(404, "unknownType", "GET", "/cluster/shards/nothing")).ShouldContain("server and session");
    }

    [Fact]
    public async Task A_member_is_given_up_only_when_that_is_confirmed()
    {
        var self = (string)(await node.OkAsync("GET", "/cluster/members"))["selfNode"]!;
        var address = new Uri(self.Replace("akka.tcp", "tcp", StringComparison.Ordinal)).Authority;

        (await node.RefusedAsync(400, "notConfirmed", "PUT", $"/cluster/members/{address}?operation=down")).ShouldContain("confirm=true");
        await node.RefusedAsync(400, "badOperation", "PUT", $"/cluster/members/{address}?operation=stop");
        await node.RefusedAsync(404, "unknownMember", "PUT", "/cluster/members/nowhere:1?operation=leave");
    }

    [Fact]
    public async Task An_unknown_member_is_404_with_the_way_out() =>
        (await node.RefusedAsync(404, "unknownMember", "GET", "/cluster/members/nowhere:1")).ShouldContain("/cluster/members");

    [Fact]
    public async Task An_unknown_path_and_a_wrong_method_are_problems_too()
    {
        (await node.RefusedAsync(404, "unknownRoute", "GET", "/api/v1/sevrers")).ShouldContain("/openapi/v1.json");
        (await node.RefusedAsync(405, "badMethod", "POST", "/api/v1/servers")).ShouldContain("GET");
    }

    [Fact]
    public async Task The_description_lists_every_route_with_its_parameters_answer_and_refusals()
    {
        var document = await node.OkAsync("GET", "/openapi/v1.json");

        foreach (var route in ApiTable.All)
        {
            var operation = document["paths"]![route.Path]?[route.Method.ToLowerInvariant()];
            operation.ShouldNotBeNull($"{route.Method} {route.Path}");
            ((string?)operation["operationId"]).ShouldBe(route.Id);
            ((string?)operation["summary"]).ShouldBe(route.Summary);
            var declared = operation["parameters"]?.AsArray().Where(parameter => (string?)parameter!["in"] == "path").Select(parameter => "{" + (string?)parameter!["name"] + "}") ?? [];
            declared.ShouldBe(route.Path.Split('/').Where(part => part.StartsWith('{')), route.Path);
            (operation["responses"]!["200"] ?? operation["responses"]!["201"])!["content"].ShouldNotBeNull(route.Path);
            if (route.Path.Contains("{id}", StringComparison.Ordinal) && route.Method != "PUT")
                operation["responses"]!["404"]!["content"]!["application/problem+json"].ShouldNotBeNull(route.Path);
        }

        var schema = document["components"]!["schemas"]!["ServerView"]!["properties"]!;
        schema["circuit"].ShouldNotBeNull();
        document["components"]!["schemas"]!["ProblemView"]!["properties"]!["code"].ShouldNotBeNull();
    }
}
