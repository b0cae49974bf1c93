using System.Diagnostics;
using System.Text.Json.Nodes;
using McpActors.Core;

namespace McpActors.Gateway.Tests.Front.Flows;

/// <summary>One trace from the client's call to the server.</summary>
public sealed class TracingFlowTests(FlowFixture fixture) : IClassFixture<FlowFixture>
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = $"00-{Trace}-b7ad6b7169203331-01";

    [Theory]
    [InlineData("modern", McpClientDouble.Modern)]
    [InlineData("legacy", "2025-11-25")]
    public async Task The_callers_context_is_the_parent_and_our_attempts_the_servers(string server, string revision)
    {
        var spans = new System.Collections.Concurrent.ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == Telemetry.Source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var client = await fixture.ClientAsync("/mcp/" + server, revision);
        await client.CallAsync("echo", new JsonObject { ["message"] = "traced" }, new JsonObject { ["traceparent"] = Parent });
        var mock = server == "modern" ? fixture.ModernMock : fixture.LegacyMock;
        var seen = (string?)JsonNode.Parse(mock.Ledger.Requests[^1].Body)!["params"]!["_meta"]!["traceparent"];
        await SessionFlowTests.Eventually(() => spans.Count(static s => s.TraceId.ToHexString() == Trace) >= 2);
        var mine = spans.Where(static s => s.TraceId.ToHexString() == Trace).ToList();
        var call = mine.Single(static s => s.Kind == ActivityKind.Server);
        var attempt = mine.Single(static s => s.Kind == ActivityKind.Client);
        call.ParentSpanId.ToHexString().ShouldBe("b7ad6b7169203331");
        call.DisplayName.ShouldBe("tools/call echo");
        call.GetTagItem(Telemetry.Tags.Method).ShouldBe("tools/call");
        call.GetTagItem(Telemetry.Tags.Tool).ShouldBe("echo");
        call.GetTagItem(Telemetry.Tags.Server).ShouldBe(server);
        attempt.ParentSpanId.ShouldBe(call.SpanId);
        attempt.GetTagItem(Telemetry.Tags.Attempt).ShouldBe(1);
        seen.ShouldBe(attempt.Id);
    }

    [Fact]
    public async Task While_nobody_listens_the_callers_context_goes_through()
    {
        var client = new McpClientDouble(fixture.Gateway.Http, "/mcp/modern", McpClientDouble.Modern);
        await client.CallAsync("echo", null, new JsonObject { ["traceparent"] = Parent, ["tracestate"] = "a=b" });
        var meta = JsonNode.Parse(fixture.ModernMock.Ledger.Requests[^1].Body)!["params"]!["_meta"]!;
        ((string?)meta["traceparent"]).ShouldBe(Parent);
        ((string?)meta["tracestate"]).ShouldBe("a=b");
    }

    [Fact]
    public async Task A_tools_error_marks_the_span()
    {
        var spans = new System.Collections.Concurrent.ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == Telemetry.Source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await new McpClientDouble(fixture.Gateway.Http, "/mcp/modern", McpClientDouble.Modern).CallAsync("fail");
        await SessionFlowTests.Eventually(() => spans.Any(static s => s.DisplayName == "tools/call fail" && s.Kind == ActivityKind.Server));
        spans.First(static s => s.DisplayName == "tools/call fail" && s.Kind == ActivityKind.Server)
            .GetTagItem(Telemetry.Tags.ErrorType).ShouldBe(Telemetry.Tags.ToolError);
    }
}
