using System.Net;
using System.Text.Json.Nodes;

namespace McpActors.Gateway.Tests.Front.Flows;

/// <summary>What the stateless revision fixes: headers, <c>_meta</c>, statuses.</summary>
public sealed class ModernFlowTests(FlowFixture fixture) : IClassFixture<FlowFixture>
{
    private readonly McpClientDouble _client = new(fixture.Gateway.Http, "/mcp/modern", McpClientDouble.Modern);

    [Theory]
    [InlineData("/mcp/modern", "modern")]
    [InlineData("/mcp/legacy", "legacy")]
    [InlineData("/mcp", "mcpactors")]
    public async Task Discover_names_the_stateless_revision_only(string path, string name)
    {
        var reply = await new McpClientDouble(fixture.Gateway.Http, path, McpClientDouble.Modern).RequestAsync("server/discover");
        reply.Result["supportedVersions"]!.ToJsonString().ShouldBe("""["2026-07-28"]""");
        ((string?)reply.Result["resultType"]).ShouldBe("complete");
        ((string?)reply.Result["_meta"]!["io.modelcontextprotocol/serverInfo"]!["name"]).ShouldBe(name);
        reply.Result["capabilities"]!["tools"].ShouldNotBeNull();
    }

    [Theory]
    [InlineData("Mcp-Method", null, -32020)]
    [InlineData("Mcp-Method", "tools/list", -32020)]
    [InlineData("Mcp-Name", null, -32020)]
    [InlineData("Mcp-Name", "other", -32020)]
    [InlineData("Mcp-Name", "=?base64?!!?=", -32020)]
    [InlineData("MCP-Protocol-Version", null, -32020)]
    [InlineData("MCP-Protocol-Version", "2025-11-25", -32020)]
    public async Task Headers_must_say_what_the_body_says(string header, string? value, int code)
    {
        var reply = await _client.PostAsync(Echo(), r =>
        {
            r.Headers.Remove(header);
            if (value is not null)
                r.Headers.TryAddWithoutValidation(header, value);
        });
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((int)reply.Error["code"]!).ShouldBe(code);
        ((string?)reply.Error["data"]!["origin"]).ShouldBe("mcpactors");
    }

    [Fact]
    public async Task A_name_may_travel_in_base64()
    {
        var reply = await _client.PostAsync(Echo(), static r =>
        {
            r.Headers.Remove("Mcp-Name");
            r.Headers.Add("Mcp-Name", "=?base64?ZWNobw==?=");
        });
        reply.Text.ShouldBe("x");
    }

    [Fact]
    public async Task A_version_that_nobody_speaks_is_refused_with_the_versions_that_are_spoken()
    {
        var body = Echo().Replace("2026-07-28", "2031-01-01", StringComparison.Ordinal);
        var reply = await _client.PostAsync(body, static r =>
        {
            r.Headers.Remove("MCP-Protocol-Version");
            r.Headers.Add("MCP-Protocol-Version", "2031-01-01");
        });
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((int)reply.Error["code"]!).ShouldBe(-32022);
        reply.Error["data"]!["supported"]!.ToJsonString().ShouldBe("""["2026-07-28"]""");
        ((string?)reply.Error["data"]!["requested"]).ShouldBe("2031-01-01");
    }

    [Theory]
    [InlineData("io.modelcontextprotocol/protocolVersion")]
    [InlineData("io.modelcontextprotocol/clientCapabilities")]
    public async Task Required_metadata_that_is_missing_is_invalid_params_with_400(string key)
    {
        var message = JsonNode.Parse(Echo())!.AsObject();
        message["params"]!["_meta"]!.AsObject().Remove(key);
        var reply = await _client.PostAsync(message.ToJsonString());
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((int)reply.Error["code"]!).ShouldBe(-32602);
    }

    [Theory]
    [InlineData("no/such/method")]
    [InlineData("ping")]
    [InlineData("initialize")]
    [InlineData("logging/setLevel")]
    [InlineData("resources/subscribe")]
    [InlineData("tasks/list")]
    public async Task Methods_that_the_revision_does_not_have_are_404(string method)
    {
        var reply = await _client.RequestAsync(method);
        reply.Status.ShouldBe(HttpStatusCode.NotFound);
        ((int)reply.Error["code"]!).ShouldBe(-32601);
    }

    [Fact]
    public async Task Get_and_delete_are_not_allowed()
    {
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
        {
            using var request = new HttpRequestMessage(method, "/mcp/modern");
            request.Headers.Add("MCP-Protocol-Version", McpClientDouble.Modern);
            request.Headers.Accept.ParseAdd("text/event-stream");
            (await fixture.Gateway.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        }
    }

    [Fact]
    public async Task Notifications_are_accepted_and_no_session_is_ever_given()
    {
        var accepted = await _client.PostAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}""");
        accepted.Status.ShouldBe(HttpStatusCode.Accepted);
        var reply = await _client.PostAsync(Echo(), static r => r.Headers.Add("Mcp-Session-Id", "from-an-old-life"));
        reply.Headers.Contains("Mcp-Session-Id").ShouldBeFalse();
        reply.Text.ShouldBe("x");
    }

    [Fact]
    public async Task Leaving_cancels_the_call_at_the_server()
    {
        var before = fixture.ModernMock.Ledger.CountOf("tools/call");
        using var leave = new CancellationTokenSource();
        var call = _client.PostAsync(
            _client.Request("tools/call", new JsonObject { ["name"] = "slow", ["arguments"] = new JsonObject { ["ms"] = 600_000 } }), null, leave.Token);
        await SessionFlowTests.Eventually(() => fixture.ModernMock.Ledger.CountOf("tools/call") > before);
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        await fixture.ModernMock.Ledger.WaitUntilAsync(static ledger => ledger.Concurrent == 0, TimeSpan.FromSeconds(10));
        fixture.ModernMock.Ledger.Cancelled.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Log_messages_come_only_when_the_request_names_a_level()
    {
        (await _client.CallAsync("log")).Messages.Count.ShouldBe(1);
        var heard = await _client.CallAsync("log", null, new JsonObject { ["io.modelcontextprotocol/logLevel"] = "debug" });
        heard.Messages.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_argument_that_the_schema_wants_as_a_header_reaches_the_server_as_one()
    {
        await _client.RequestAsync("tools/list");
        var reply = await _client.PostAsync(
            _client.Request("tools/call", new JsonObject { ["name"] = "region", ["arguments"] = new JsonObject { ["region"] = "eu" } }),
            static r => r.Headers.Add("Mcp-Param-Region", "eu"));
        reply.Text.ShouldBe("eu");
    }

    [Theory]
    [InlineData("us")]
    [InlineData("=?base64?ZXU?=")]
    [InlineData("=?base64?!!!!?=")]
    [InlineData(null)]
    public async Task A_header_that_says_something_else_than_its_argument_is_refused_before_the_server_hears_of_it(string? value)
    {
        await _client.RequestAsync("tools/list");
        var before = fixture.ModernMock.Ledger.CountOf("tools/call");
        var reply = await _client.PostAsync(
            _client.Request("tools/call", new JsonObject { ["name"] = "region", ["arguments"] = new JsonObject { ["region"] = "eu" } }),
            r =>
            {
                if (value is not null)
                    r.Headers.TryAddWithoutValidation("Mcp-Param-Region", value);
            });
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((int)reply.Error["code"]!).ShouldBe(-32020);
        fixture.ModernMock.Ledger.CountOf("tools/call").ShouldBe(before);
    }

    [Fact]
    public async Task Argument_headers_that_no_schema_names_are_passed_on()
    {
        await _client.PostAsync(Echo(), static r => r.Headers.Add("Mcp-Param-Else", "where"));
        fixture.ModernMock.Ledger.Requests[^1].Headers["Mcp-Param-Else"].ShouldBe("where");
    }

    private string Echo() =>
        _client.Request("tools/call", new JsonObject { ["name"] = "echo", ["arguments"] = new JsonObject { ["message"] = "x" } });
}
