using System.Text.Json.Nodes;
using McpActors.MockServer;
using McpActors.Transports.Tests.Contract;

namespace McpActors.Transports.Tests.Stdio;

public sealed class ChildTalkTests() : RigTests<StdioRig>(new StdioRig(), MockProtocol.V20251125)
{
    [Fact]
    public async Task Garbage_on_stdout_is_counted_and_passed_over()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(new Fault { Kind = FaultKind.GarbageStdout, Body = "Server running on stdio", Method = "tools/call" });
        await Rig.AddAsync(Fault.Of(FaultKind.GarbageStdout));

        var response = await connection.CallAsync("echo", new JsonObject { ["message"] = "clear" });

        response.Text().ShouldBe("clear");
        connection.Diagnostics.DiscardedMessages.ShouldBe(1);
    }

    [Fact]
    public async Task Structured_log_lines_on_stdout_fail_no_call()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(new Fault { Kind = FaultKind.GarbageStdout, Body = """{"level":"info","msg":"handling a call"}""", Method = "tools/call" });

        var response = await connection.CallAsync("echo", new JsonObject { ["message"] = "clear" });

        response.Text().ShouldBe("clear");
    }

    [Fact]
    public async Task A_flood_on_stderr_blocks_nothing_and_its_end_is_kept()
    {
        var connection = await Rig.ConnectAsync();
        await Rig.AddAsync(new Fault { Kind = FaultKind.LeakStderr, Bytes = 1_000_000, Method = "tools/call", Times = 1 });
        await connection.CallAsync("echo");
        await Rig.AddAsync(new Fault { Kind = FaultKind.LeakStderr, Body = "the last words", Method = "tools/call" });

        await connection.CallAsync("echo");

        await connection.FailsAsync(connection.ToolCall("crash"));
        await Rig.Events.ClosedAsync();
        connection.Diagnostics.StderrTail!.ShouldEndWith("the last words\n");
        connection.Diagnostics.StderrTail!.Length.ShouldBeLessThanOrEqualTo(8 * 1024);
    }

    [Fact]
    public async Task News_outside_any_request_go_to_the_events()
    {
        var connection = await Rig.ConnectAsync();

        await connection.RunAsync(connection.ControlRequest("tool", new JsonObject { ["name"] = "new-tool", ["description"] = "x" }));

        await Rig.Events.MessageAsync("notifications/tools/list_changed");
    }

    [Fact]
    public async Task A_ping_of_the_server_is_answered()
    {
        var message = await AskedAsync("ping", new RecordedEvents());

        message["params"]!["reply"]!.ToJsonString().ShouldBe("""{"jsonrpc":"2.0","id":"q-1","result":{}}""");
    }

    [Fact]
    public async Task A_request_that_nobody_takes_is_refused()
    {
        var message = await AskedAsync("roots/list", new RecordedEvents());

        ((int?)message["params"]!["reply"]!["error"]!["code"]).ShouldBe(-32601);
    }

    [Fact]
    public async Task A_request_that_is_taken_is_answered_by_its_taker()
    {
        var events = new RecordedEvents { Takes = method => method == "roots/list" };
        await using var connection = await Rig.Connector.ConnectAsync(Models.Request(ScriptServers.Asking("roots/list")), events, default);
        await events.MessageAsync("roots/list");

        await connection.PostAsync(Calls.Bytes("""{"jsonrpc":"2.0","id":"q-1","result":{"roots":[]}}"""), default);

        var message = await events.MessageAsync("notifications/message");
        message["params"]!["reply"]!["result"]!["roots"]!.AsArray().Count.ShouldBe(0);
    }

    private async Task<JsonObject> AskedAsync(string method, RecordedEvents events)
    {
        await using var connection = await Rig.Connector.ConnectAsync(Models.Request(ScriptServers.Asking(method)), events, default);
        return await events.MessageAsync("notifications/message");
    }
}
