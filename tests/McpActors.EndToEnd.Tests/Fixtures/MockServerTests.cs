using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.MockServer;
using McpActors.Testing;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.EndToEnd.Tests.Fixtures;

/// <summary>The mock server against a client nobody here wrote, and its misbehaviour as a client sees it.</summary>
public sealed class MockServerTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(MockProtocol.V20250326, AnswerMode.Json, "2025-03-26")]
    [InlineData(MockProtocol.V20250618, AnswerMode.Sse, "2025-06-18")]
    [InlineData(MockProtocol.V20251125, AnswerMode.Auto, "2025-11-25")]
    [InlineData(MockProtocol.V20260728, AnswerMode.Auto, "2026-07-28")]
    [InlineData(MockProtocol.V20260728, AnswerMode.Sse, "2026-07-28")]
    [InlineData(MockProtocol.Dual, AnswerMode.Auto, "2026-07-28")]
    public async Task Official_client_uses_every_part_over_http(MockProtocol protocol, AnswerMode answer, string expected)
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = protocol, Answer = answer, PageSize = 5 });
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = mock.Url }));

        client.NegotiatedProtocolVersion.ShouldBe(expected);
        await UseAsync(client);

        mock.Ledger.Executions("counter", "t1").ShouldBe(1);
        mock.Ledger.ExecutedTwice().ShouldBeEmpty();
        mock.Ledger.SessionsOpened.ShouldBe(expected == "2026-07-28" ? 0 : 1);
    }

    [Theory]
    [InlineData("2025-03-26")]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    [InlineData("dual")]
    public async Task Official_client_uses_every_part_over_stdio(string protocol)
    {
        using var folder = new TemporaryFolder();
        var ledger = folder.File("ledger.jsonl");
        var transport = new StdioClientTransport(new StdioClientTransportOptions { Command = MockServerProgram.Path, Arguments = [.. MockServerProgram.Stdio(protocol, ledger)] });
        await using (var client = await McpClient.CreateAsync(transport))
        {
            client.NegotiatedProtocolVersion.ShouldBe(protocol == "dual" ? "2026-07-28" : protocol);
            await UseAsync(client);
        }

        Ledger.ReadFile(ledger).Count(effect => effect is { Tool: "counter", Token: "t1" }).ShouldBe(1);
        Ledger.ReadStarts(ledger).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(MockProtocol.V20251125)]
    [InlineData(MockProtocol.V20260728)]
    public async Task Changed_tools_are_announced(MockProtocol protocol)
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = protocol });
        var announced = new TaskCompletionSource();
        var options = new McpClientOptions
        {
            Handlers = new McpClientHandlers
            {
                NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, (_, _) => { announced.TrySetResult(); return ValueTask.CompletedTask; })],
            },
        };
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = mock.Url }), options);
        if (protocol == MockProtocol.V20251125)
        {
            await mock.Ledger.WaitUntilAsync(ledger => ledger.CountOf("GET") == 1, s_limit);
            mock.Tools.Set("added", "later");
            await announced.Task.WaitAsync(s_limit);
        }
        else
        {
            mock.Tools.Set("added", "later");
        }

        (await client.ListToolsAsync()).ShouldContain(tool => tool.Name == "added");
    }

    [Fact]
    public async Task Status_with_retry_after_comes_as_often_as_told()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Sessions = false });
        mock.Behaviour.Add(Fault.WithStatus(429, retryAfter: "2").OnTool("counter").For(2));
        using var http = new HttpClient();

        foreach (var expected in (HttpStatusCode[])[HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK])
        {
            using var response = await http.SendAsync(Call(mock, "counter"));
            response.StatusCode.ShouldBe(expected);
            if (expected == HttpStatusCode.TooManyRequests)
                response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        }

        mock.Ledger.Executions("counter").ShouldBe(1);
        mock.Ledger.CountOf("tools/call").ShouldBe(3);
    }

    [Theory]
    [InlineData(FaultKind.Cut)]
    [InlineData(FaultKind.CutJson)]
    [InlineData(FaultKind.CutSse)]
    [InlineData(FaultKind.Disconnect)]
    [InlineData(FaultKind.Crash)]
    public async Task Broken_answer_is_an_error_after_the_effect(FaultKind kind)
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Sessions = false });
        mock.Behaviour.Add(Fault.Of(kind).OnTool("counter").AfterExecuting());
        using var http = new HttpClient();

        await Should.ThrowAsync<HttpRequestException>(async () =>
        {
            using var response = await http.SendAsync(Call(mock, "counter"));
        });

        mock.Ledger.Executions("counter").ShouldBe(1);
    }

    [Fact]
    public async Task Wrong_answers_are_as_told()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Sessions = false });
        mock.Behaviour
            .Add(Fault.Of(FaultKind.MismatchedId).OnTool("echo").For(1))
            .Add(Fault.Of(FaultKind.Malformed).OnTool("echo").For(1))
            .Add((Fault.Of(FaultKind.Oversize) with { Bytes = 100_000 }).OnTool("echo").For(1))
            .Add(Fault.RpcError(-32603, "broken").OnTool("echo").For(1));
        using var http = new HttpClient();

        JsonNode.Parse(await TextAsync(http, mock))!["id"]!.ToString().ShouldBe("not-7");
        var malformed = await TextAsync(http, mock);
        Should.Throw<JsonException>(() => { JsonNode.Parse(malformed); });
        (await TextAsync(http, mock)).Length.ShouldBeGreaterThan(100_000);
        JsonNode.Parse(await TextAsync(http, mock))!["error"]!["code"]!.GetValue<int>().ShouldBe(-32603);
    }

    [Fact]
    public async Task Held_calls_run_side_by_side_until_released()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Sessions = false });
        var gate = new TaskCompletionSource();
        mock.Tools.Set(new MockTool("wait", new JsonObject { ["inputSchema"] = new JsonObject { ["type"] = "object" } }, async _ =>
        {
            await gate.Task;
            return ToolResults.Text("through");
        }));
        using var http = new HttpClient();

        var calls = Enumerable.Range(0, 3).Select(_ => http.SendAsync(Call(mock, "wait"))).ToList();
        await mock.Ledger.WaitUntilAsync(ledger => ledger.Concurrent == 3, s_limit);
        gate.SetResult();
        foreach (var response in await Task.WhenAll(calls))
            response.Dispose();

        mock.Ledger.MaxConcurrent.ShouldBe(3);
        mock.Ledger.Concurrent.ShouldBe(0);
    }

    [Fact]
    public async Task Listener_comes_back_on_its_port_with_its_sessions()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Sessions = false });
        using var http = new HttpClient();
        var url = mock.Url;
        await mock.StopListeningAsync();
        await Should.ThrowAsync<HttpRequestException>(() => http.SendAsync(Call(mock, "echo")));

        await mock.StartListeningAsync();

        mock.Url.ShouldBe(url);
        (await TextAsync(http, mock)).ShouldContain("\"result\"");
    }

    [Fact]
    public async Task Flapping_fails_and_recovers_in_turns()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, Sessions = false });
        mock.Behaviour.Add(Fault.WithStatus(503).OnTool("echo").Flapping(fail: 2, pass: 1));
        using var http = new HttpClient();

        var seen = new List<int>();
        for (var call = 0; call < 6; call++)
        {
            using var response = await http.SendAsync(Call(mock, "echo"));
            seen.Add((int)response.StatusCode);
        }

        seen.ShouldBe([503, 503, 200, 503, 503, 200]);
    }

    [Fact]
    public async Task Forgotten_session_is_told_as_the_option_says()
    {
        await using var mock = await MockMcpServer.StartAsync(new MockOptions { Protocol = MockProtocol.V20251125, LostSessionStatus = 400 });
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = mock.Url }));
        mock.ForgetSessions();

        var lost = await Should.ThrowAsync<McpProtocolException>(async () => await client.CallToolAsync("echo"));

        lost.Message.ShouldContain("No valid session ID provided");
        mock.Ledger.Effects.ShouldBeEmpty();
    }

    private static async Task UseAsync(McpClient client)
    {
        (await client.ListToolsAsync()).Select(tool => tool.Name).ShouldBe(
            ["echo", "add", "counter", "slow", "progress", "big", "fail", "crash", "env", "whoami", "log", "region"]);
        TextOf(await client.CallToolAsync("echo", new Dictionary<string, object?> { ["message"] = "hé" })).ShouldBe("hé");
        TextOf(await client.CallToolAsync("add", new Dictionary<string, object?> { ["a"] = 2, ["b"] = 3 })).ShouldBe("5");
        (await client.CallToolAsync("counter", new Dictionary<string, object?> { ["token"] = "t1" })).StructuredContent!.Value.GetProperty("count").GetInt32().ShouldBe(1);
        (await client.CallToolAsync("fail")).IsError.ShouldBe(true);
        TextOf(await client.CallToolAsync("progress", new Dictionary<string, object?> { ["n"] = 3 })).ShouldBe("3 steps");
        (await client.ListResourcesAsync()).Count.ShouldBe(2);
        (await client.ReadResourceAsync("mock://item/9")).Contents.OfType<TextResourceContents>().Single().Text.ShouldBe("item 9");
        await Should.ThrowAsync<McpException>(async () => await client.ReadResourceAsync("mock://none"));
        (await client.GetPromptAsync("greet", new Dictionary<string, object?> { ["name"] = "Ada" })).Messages.Count.ShouldBe(1);
        (await client.CompleteAsync(new PromptReference { Name = "greet" }, "name", "A")).Completion.Values.ShouldBe(["Ada", "Alan"]);
        await Should.ThrowAsync<McpException>(async () => await client.CallToolAsync("nothing"));
    }

    private static string TextOf(CallToolResult result) => result.Content.OfType<TextContentBlock>().Single().Text;

    private static async Task<string> TextAsync(HttpClient http, MockMcpServer mock)
    {
        using var response = await http.SendAsync(Call(mock, "echo"));
        return await response.Content.ReadAsStringAsync();
    }

    private static HttpRequestMessage Call(MockMcpServer mock, string tool)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, mock.Url)
        {
            Content = new StringContent(
                $$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{"message":"m"} } }""",
                Encoding.UTF8,
                "application/json"),
        };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        return request;
    }
}
