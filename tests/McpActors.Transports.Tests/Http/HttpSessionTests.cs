using System.Text.Json.Nodes;
using McpActors.Core.Servers.Calls;
using McpActors.MockServer;

namespace McpActors.Transports.Tests.Http;

public sealed class HttpSessionTests : ConnectorTests
{
    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    public async Task A_forgotten_session_is_told_and_a_new_connection_heals_it(int status)
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, LostSessionStatus = status });
        await using var connection = await ConnectAsync(Models.Http(server.Url));
        server.ForgetSessions();

        var fault = await connection.FailsAsync(connection.ToolCall("counter"));

        fault.Result.ShouldBe(AttemptResult.SessionLost);
        fault.ToOutcome(default).HealsByReconnect.ShouldBeTrue();
        connection.IsAlive.ShouldBeFalse();
        (await Events.ClosedAsync()).Id.ShouldBe(connection.Id);
        await using var second = await ConnectAsync(Models.Http(server.Url));
        (await second.CallAsync("counter")).ShouldContainKey("result");
        server.Ledger.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_session_lost_under_many_calls_is_told_once()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        await using var connection = await ConnectAsync(Models.Http(server.Url));
        server.ForgetSessions();

        var faults = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => connection.FailsAsync(connection.ToolCall("counter"))));

        faults.ShouldAllBe(fault => fault.Result == AttemptResult.SessionLost);
        Events.Closed.Count.ShouldBe(1);
        server.Ledger.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_restarted_server_is_a_lost_session()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        await using var connection = await ConnectAsync(Models.Http(server.Url));
        await server.StopListeningAsync();
        server.ForgetSessions();
        await server.StartListeningAsync();

        var fault = await connection.FailsAsync(connection.ToolCall("counter"));

        fault.Result.ShouldBe(AttemptResult.SessionLost);
    }

    [Fact]
    public async Task A_refusal_that_mentions_sessions_under_our_own_id_is_the_servers_answer()
    {
        await using var server = await ScriptedServer.WithHandshakeAsync((http, message) =>
            ScriptedServer.JsonAsync(http, $$$"""{"jsonrpc":"2.0","id":{{{message!["id"]}}},"error":{"code":-32602,"message":"argument session is missing"}}""", 400));
        await using var connection = await ConnectAsync(server.Legacy);

        var response = await connection.CallAsync("any");

        ((int?)response["error"]!["code"]).ShouldBe(-32602);
        connection.IsAlive.ShouldBeTrue();
    }

    [Fact]
    public async Task The_session_is_named_on_everything_and_ended_by_DELETE()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20250618 });
        var connection = await ConnectAsync(Models.Http(server.Url) with { Headers = new Dictionary<string, string> { ["X-Key"] = "abc" } });
        await connection.CallAsync("echo");
        await server.Ledger.WaitUntilAsync(ledger => ledger.CountOf("GET") == 1, Limits.Patience);

        await connection.DisposeAsync();

        server.Ledger.SessionsClosed.ShouldBe(1);
        var requests = server.Ledger.Requests.Where(request => request.Method is "tools/call" or "notifications/initialized" or "GET" or "DELETE").ToList();
        requests.Count.ShouldBe(4);
        requests.Select(request => request.Headers["Mcp-Session-Id"]).Distinct().Count().ShouldBe(1);
        requests.ShouldAllBe(request => request.Headers["MCP-Protocol-Version"] == "2025-06-18" && request.Headers["X-Key"] == "abc");
    }

    [Fact]
    public async Task A_server_without_sessions_needs_none()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Sessions = false });
        var connection = await ConnectAsync(Models.Http(server.Url));

        (await connection.CallAsync("echo", new JsonObject { ["message"] = "x" })).Text().ShouldBe("x");

        await connection.DisposeAsync();
        server.Ledger.CountOf("DELETE").ShouldBe(0);
    }

    [Fact]
    public async Task What_a_server_says_of_its_own_accord_comes_by_its_stream()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        await using var connection = await ConnectAsync(Models.Http(server.Url));

        server.Tools.Remove("add");

        await Events.MessageAsync("notifications/tools/list_changed");
    }

    [Fact]
    public async Task A_lost_stream_is_opened_again()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125 });
        server.Behaviour.Add(Fault.Of(FaultKind.Disconnect).On("GET").For(2));

        await using var connection = await ConnectAsync(Models.Http(server.Url));

        await server.Ledger.WaitUntilAsync(ledger => ledger.CountOf("GET") == 3, Limits.Patience);
        server.Tools.Remove("add");
        await Events.MessageAsync("notifications/tools/list_changed");
    }

    [Fact]
    public async Task A_stream_that_a_server_does_not_have_is_not_asked_for_again()
    {
        var gets = 0;
        await using var server = await ScriptedServer.StartAsync(async (http, message) =>
        {
            switch ((string?)message?["method"])
            {
                case "initialize":
                    http.Response.Headers["Mcp-Session-Id"] = "s";
                    await ScriptedServer.JsonAsync(http, ScriptedServer.Result(message, """{"protocolVersion":"2025-11-25","capabilities":{}}"""));
                    break;
                case null when http.Request.Method == "GET":
                    Interlocked.Increment(ref gets);
                    http.Response.StatusCode = 405;
                    break;
                case "notifications/initialized":
                    http.Response.StatusCode = 202;
                    break;
                case { } when message["id"] is not null:
                    await ScriptedServer.JsonAsync(http, ScriptedServer.Result(message));
                    break;
            }
        });
        var connection = await ConnectAsync(server.Legacy);
        await connection.CallAsync("any");

        // Disposal waits for the stream's loop to end by itself.
        await connection.DisposeAsync();

        gets.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task Requests_of_the_server_in_an_answer_are_yielded_and_pings_answered()
    {
        var pong = new TaskCompletionSource<JsonObject>();
        await using var server = await ScriptedServer.WithHandshakeAsync(async (http, message) =>
        {
            if (message!["method"] is null)
            {
                http.Response.StatusCode = 202;
                pong.TrySetResult(message);
                return;
            }

            await ScriptedServer.StreamAsync(
                http,
                "event: message\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"ping-1\",\"method\":\"ping\"}\r\n\r\n",
                "data: {\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"elicitation/create\",\"params\":{}}\n\n");
            await pong.Task;
            await ScriptedServer.StreamAsync(http, $"data: {ScriptedServer.Result(message)}\n\n");
        });
        await using var connection = await ConnectAsync(server.Legacy);
        var before = new List<JsonObject>();

        await connection.RunAsync(connection.ToolCall("any"), before);

        before.Select(message => (string?)message["method"]).ShouldBe(["elicitation/create"]);
        (await pong.Task)["id"]!.ToString().ShouldBe("ping-1");
    }

    [Fact]
    public async Task A_stream_whose_events_have_ids_is_read_on_after_a_break()
    {
        var resumed = new List<string>();
        JsonObject? call = null;
        await using var server = await ScriptedServer.StartAsync(async (http, message) =>
        {
            switch ((string?)message?["method"])
            {
                case "initialize":
                    http.Response.Headers["Mcp-Session-Id"] = "s";
                    await ScriptedServer.JsonAsync(http, ScriptedServer.Result(message, """{"protocolVersion":"2025-11-25","capabilities":{}}"""));
                    break;
                case "tools/call":
                    call = message;
                    await ScriptedServer.StreamAsync(http, "id: e1\nretry: 5\ndata:\n\n");
                    break;
                case null when http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last:
                    resumed.Add(last);
                    var id = resumed.Count + 1;
                    await ScriptedServer.StreamAsync(http, resumed.Count < 8
                        ? $"id: e{id}\ndata: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{\"progressToken\":1,\"progress\":{id}}}}}\n\n"
                        : $"id: e{id}\ndata: {ScriptedServer.Result(call, """{"done":true}""")}\n\n");
                    break;
                default:
                    http.Response.StatusCode = message is null ? 405 : 202;
                    break;
            }
        });
        await using var connection = await ConnectAsync(server.Legacy);
        var before = new List<JsonObject>();

        var response = await connection.RunAsync(connection.ToolCall("any"), before);

        response["result"]!.ToJsonString().ShouldBe("""{"done":true}""");
        before.Count.ShouldBe(7);
        resumed.ShouldBe(["e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8"]);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_read_on_is_given_up_and_the_server_told()
    {
        var cancelled = new TaskCompletionSource<JsonObject>();
        await using var server = await ScriptedServer.WithHandshakeAsync(async (http, message) =>
        {
            if ((string?)message!["method"] == "notifications/cancelled")
            {
                cancelled.TrySetResult(message);
                http.Response.StatusCode = 202;
                return;
            }

            await ScriptedServer.StreamAsync(http, "id: e1\ndata:\n\n");
        });
        await using var connection = await ConnectAsync(server.Legacy);
        var request = connection.ToolCall("any");

        var fault = await connection.FailsAsync(request);

        fault.Result.ShouldBe(AttemptResult.Malformed);
        ((long)(await cancelled.Task.WaitAsync(Limits.Patience))["params"]!["requestId"]!).ShouldBe(request.Id);
    }

    [Fact]
    public async Task A_modern_request_repeats_itself_in_its_headers()
    {
        await using var server = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20260728 });
        await using var connection = await ConnectAsync(Models.Http(server.Url));
        var call = connection.ToolCall("region", new JsonObject { ["region"] = "eu" });
        var request = new UpstreamRequest
        {
            Body = call.Body,
            Id = call.Id,
            Method = call.Method,
            Name = call.Name,
            ParamHeaders = [new("Mcp-Param-Region", "eu")],
        };

        (await connection.RunAsync(request)).Text().ShouldBe("eu");

        var seen = server.Ledger.Requests[^1].Headers;
        seen["Mcp-Method"].ShouldBe("tools/call");
        seen["Mcp-Name"].ShouldBe("region");
        seen["Mcp-Param-Region"].ShouldBe("eu");
        seen["MCP-Protocol-Version"].ShouldBe("2026-07-28");
        seen["Content-Length"].ShouldBe(call.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        seen.ContainsKey("Mcp-Session-Id").ShouldBeFalse();
        seen.ContainsKey("traceparent").ShouldBeFalse();
        server.Ledger.CountOf("GET").ShouldBe(0);
    }

    [Fact]
    public async Task Cookies_are_not_kept()
    {
        var cookies = new List<string>();
        await using var server = await ScriptedServer.WithHandshakeAsync((http, message) =>
        {
            cookies.Add(http.Request.Headers.Cookie.ToString());
            http.Response.Headers.SetCookie = "tracker=1";
            return ScriptedServer.JsonAsync(http, ScriptedServer.Result(message));
        });
        await using var connection = await ConnectAsync(server.Modern);

        await connection.CallAsync("any");
        await connection.CallAsync("any");

        cookies.ShouldBe(["", ""]);
    }
}
