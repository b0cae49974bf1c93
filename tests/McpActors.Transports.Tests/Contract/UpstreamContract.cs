using System.Text.Json.Nodes;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Calls;
using McpActors.MockServer;

namespace McpActors.Transports.Tests.Contract;

/// <summary>What every kind of upstream connection does, whatever its transport and era.</summary>
public abstract class UpstreamContract(UpstreamRig rig, MockProtocol protocol) : RigTests<UpstreamRig>(rig, protocol)
{
    private bool IsModern => Protocol == MockProtocol.V20260728;

    private bool IsStdio => Rig is StdioRig;

    [Fact]
    public async Task The_handshake_finds_the_era_and_what_the_server_says_of_itself()
    {
        var connection = await Rig.ConnectAsync();

        connection.Peer.Revision.IsModern.ShouldBe(IsModern);
        connection.Peer.Instructions.ShouldBe("A mock server named mock.");
        JsonNode.Parse(connection.Peer.ServerInfo.Span)!["name"]!.ToString().ShouldBe("mock");
        JsonNode.Parse(connection.Peer.Capabilities.Span)!["tools"].ShouldNotBeNull();
        connection.IsAlive.ShouldBeTrue();
    }

    [Fact]
    public async Task A_remembered_era_needs_no_probe()
    {
        var first = await Rig.ConnectAsync();
        var second = await Rig.ConnectAsync(first.Peer.Revision);

        var requests = (await Rig.LedgerAsync())["requests"]!;
        var probes = (int?)requests["server/discover"] ?? 0;
        second.Peer.ShouldBe(first.Peer);
        probes.ShouldBe(IsModern ? (IsStdio ? 1 : 2) : (IsStdio ? 0 : 1));
    }

    [Fact]
    public async Task A_call_returns_the_servers_result()
    {
        var connection = await Rig.ConnectAsync();

        var response = await connection.CallAsync("echo", new JsonObject { ["message"] = "grüße \"quoted\" \n line" });

        response.Text().ShouldBe("grüße \"quoted\" \n line");
    }

    [Fact]
    public async Task A_tool_whose_name_is_no_ascii_can_be_called()
    {
        var connection = await Rig.ConnectAsync();

        var response = await connection.CallAsync("größe");

        ((int?)response["error"]?["code"]).ShouldBe(-32602);
    }

    [Fact]
    public async Task Line_ends_between_the_tokens_of_a_message_do_no_harm()
    {
        var connection = await Rig.ConnectAsync();
        var request = connection.ToolCall("echo", new JsonObject { ["message"] = "spread" });
        var pretty = JsonNode.Parse(request.Body.FirstSpan)!.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true, NewLine = "\r\n" });

        var response = await connection.RunAsync(new UpstreamRequest { Body = Calls.Bytes(pretty), Id = request.Id, Method = request.Method, Name = request.Name });

        response.Text().ShouldBe("spread");
    }

    [Fact]
    public async Task Splices_change_the_message_on_its_way()
    {
        var connection = await Rig.ConnectAsync();
        var original = connection.ToolCall("echo", new JsonObject { ["message"] = "original" });
        var scan = JsonRpcScanner.Scan(original.Body, JsonLimits.Request);
        using var splices = new SplicePlan();
        splices.Replace(scan.Envelope.Params.Arguments, """{"message":"a longer replacement"}"""u8);

        var response = await connection.RunAsync(new UpstreamRequest { Body = original.Body, Splices = splices, Id = original.Id, Method = original.Method, Name = original.Name });

        response.Text().ShouldBe("a longer replacement");
    }

    [Fact]
    public async Task Concurrent_calls_each_get_their_own_answer()
    {
        var connection = await Rig.ConnectAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
        {
            var response = await connection.CallAsync("echo", new JsonObject { ["message"] = $"call {number}" });
            return response.Text();
        }));

        answers.ShouldBe(Enumerable.Range(0, 50).Select(number => $"call {number}"));
    }

    [Fact]
    public async Task A_slow_call_holds_up_no_other()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(Fault.Hold("slow").OnTool("counter"));
        var slow = connection.CallAsync("counter");

        var quick = await connection.CallAsync("echo", new JsonObject { ["message"] = "quick" });

        quick.Text().ShouldBe("quick");
        slow.IsCompleted.ShouldBeFalse();
        await Rig.ReleaseAsync("slow");
        ((int?)(await slow)["result"]?["structuredContent"]?["count"]).ShouldBe(1);
    }

    [Fact]
    public async Task Progress_comes_before_the_response_and_only_to_its_request()
    {
        var connection = await Rig.ConnectAsync();
        var (first, second) = (new List<JsonObject>(), new List<JsonObject>());
        var (one, two) = (connection.ToolCall("progress", new JsonObject { ["n"] = 3 }, progress: true), connection.ToolCall("progress", new JsonObject { ["n"] = 5 }, progress: true));

        await Task.WhenAll(connection.RunAsync(one, first), connection.RunAsync(two, second));

        first.Count.ShouldBe(3);
        second.Count.ShouldBe(5);
        first.ShouldAllBe(message => (long)message["params"]!["progressToken"]! == one.Id);
        second.ShouldAllBe(message => (long)message["params"]!["progressToken"]! == two.Id);
        Rig.Events.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_large_answer_arrives_whole()
    {
        var connection = await Rig.ConnectAsync();

        var response = await connection.CallAsync("big", new JsonObject { ["bytes"] = 700_000 });

        response.Text()!.Length.ShouldBe(700_000);
    }

    [Fact]
    public async Task A_large_request_arrives_whole()
    {
        var connection = await Rig.ConnectAsync();
        var message = new string('ä', 150_000);

        var response = await connection.CallAsync("echo", new JsonObject { ["message"] = message });

        response.Text().ShouldBe(message);
    }

    [Fact]
    public async Task A_servers_error_is_its_answer()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(Fault.RpcError(-32603, "out of order").OnTool("echo"));

        var response = await connection.CallAsync("echo");

        ((int)response["error"]!["code"]!).ShouldBe(-32603);
        ((string?)response["error"]!["message"]).ShouldBe("out of order");
    }

    [Fact]
    public async Task An_unknown_method_is_answered_by_the_server()
    {
        var connection = await Rig.ConnectAsync();

        var response = await connection.RunAsync(connection.Request("nonsense/ask"));

        ((int?)response["error"]?["code"]).ShouldBe(-32601);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_at_the_server()
    {
        var connection = await Rig.ConnectAsync();
        var request = connection.ToolCall("slow", new JsonObject { ["ms"] = 600_000 });
        using var caller = new CancellationTokenSource();
        var call = connection.RunAsync(request, ct: caller.Token);
        await Rig.UntilAsync(ledger => (int)ledger["concurrent"]! == 1);

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        request.Sent.ShouldBeTrue();
        await Rig.UntilAsync(ledger => (int)ledger["cancelled"]! == 1);
    }

    [Fact]
    public async Task An_exchange_given_up_between_its_messages_is_cancelled_at_the_server()
    {
        var connection = await Rig.ConnectAsync();
        var exchange = await connection.SendAsync(connection.ToolCall("progress", new JsonObject { ["n"] = 100, ["ms"] = 100 }, progress: true), default);
        var message = await exchange.ReadAsync(default);
        message.Envelope.Method.ShouldBe(McpMethod.ProgressNotification);

        await exchange.DisposeAsync();

        await Rig.UntilAsync(ledger => (int)ledger["concurrent"]! == 0);
        ((int)(await Rig.LedgerAsync())["cancelled"]!).ShouldBe(1);
    }

    [Fact]
    public async Task A_malformed_answer_fails_its_call_and_no_other()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(Fault.Of(FaultKind.Malformed).OnTool("counter"));

        var fault = await connection.FailsAsync(connection.ToolCall("counter"));

        fault.Result.ShouldBe(AttemptResult.Malformed);
        fault.Sent.ShouldBeTrue();
        (await connection.CallAsync("echo", new JsonObject { ["message"] = "after" })).Text().ShouldBe("after");
    }

    [Fact]
    public async Task An_answer_above_the_limit_fails_its_call_and_no_other()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(new Fault { Kind = FaultKind.Oversize, Bytes = 3_000_000 }.OnTool("counter"));

        var fault = await connection.FailsAsync(connection.ToolCall("counter"));

        fault.Result.ShouldBe(AttemptResult.TooLarge);
        fault.Sent.ShouldBeTrue();
        (await connection.CallAsync("echo", new JsonObject { ["message"] = "after" })).Text().ShouldBe("after");
    }

    [Fact]
    public async Task An_answer_under_another_id_is_no_answer()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(Fault.Of(FaultKind.MismatchedId).OnTool("counter"));

        var fault = await connection.FailsAsync(connection.ToolCall("counter"));

        fault.Result.ShouldBe(AttemptResult.Malformed);
    }

    [Fact]
    public async Task An_answer_cut_in_the_middle_leaves_the_outcome_unknown()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(Fault.Of(FaultKind.Cut).OnTool("counter"));

        var fault = await connection.FailsAsync(connection.ToolCall("counter"));

        fault.Result.ShouldBeOneOf(AttemptResult.Malformed, AttemptResult.Reset, AttemptResult.ProcessLost);
        fault.ToOutcome(TimeSpan.Zero).IsUnknown.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_ends_in_the_middle_of_calls_fails_them_all()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(Fault.Hold("never").OnTool("counter"));
        var waiting = connection.FailsAsync(connection.ToolCall("counter"));
        await Rig.UntilAsync(ledger => (int?)ledger["requests"]!["tools/call"] == 1);

        var crashing = await connection.FailsAsync(connection.ToolCall("crash", new JsonObject { ["code"] = 3 }));

        crashing.Result.ShouldBe(IsStdio ? AttemptResult.ProcessLost : AttemptResult.Reset);
        (await waiting).Result.ShouldBe(crashing.Result);
        crashing.Sent.ShouldBeTrue();
        if (IsStdio)
        {
            var (id, _, exitCode) = await Rig.Events.ClosedAsync();
            id.ShouldBe(connection.Id);
            exitCode.ShouldBe(3);
            connection.IsAlive.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_disposed_connection_sends_nothing_more()
    {
        var connection = await Rig.ConnectAsync();

        await connection.DisposeAsync();

        var fault = await connection.FailsAsync(connection.ToolCall("counter"));
        fault.Sent.ShouldBeFalse();
        connection.IsAlive.ShouldBeFalse();
        Rig.Events.Closed.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_caller_that_is_gone_already_sends_nothing()
    {
        var connection = await Rig.ConnectAsync();
        var request = connection.ToolCall("counter");

        await Should.ThrowAsync<OperationCanceledException>(() => connection.RunAsync(request, ct: new CancellationToken(canceled: true)));

        request.Sent.ShouldBeFalse();
        ((int)(await Rig.LedgerAsync())["count"]!).ShouldBe(0);
    }
}

public sealed class LegacyHttpContract() : UpstreamContract(new HttpRig(AnswerMode.Auto), MockProtocol.V20251125);

public sealed class LegacyHttpStreamContract() : UpstreamContract(new HttpRig(AnswerMode.Sse), MockProtocol.V20251125);

public sealed class ModernHttpContract() : UpstreamContract(new HttpRig(AnswerMode.Auto), MockProtocol.V20260728);

public sealed class ModernHttpStreamContract() : UpstreamContract(new HttpRig(AnswerMode.Sse), MockProtocol.V20260728);

public sealed class LegacyStdioContract() : UpstreamContract(new StdioRig(), MockProtocol.V20251125);

public sealed class ModernStdioContract() : UpstreamContract(new StdioRig(), MockProtocol.V20260728);
