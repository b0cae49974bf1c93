using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using McpActors.Core.Protocol.Bridging;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Tests.Protocol.Bridging;

public sealed class ResultTranslatorTests
{
    private static readonly ReadOnlyMemory<byte> CallerId = "\"c-1\""u8.ToArray();
    private static readonly ReadOnlyMemory<byte> ServerInfo = """{"name":"s","version":"1"}"""u8.ToArray();

    [Fact]
    public void A_legacy_result_becomes_a_modern_one() =>
        ToModern("""{"result":{"content":[{"type":"text","text":"h\u00e9"}]},"jsonrpc":"2.0","id":42}""", McpMethod.ToolsCall).ShouldBe(
            """{"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}},"content":[{"type":"text","text":"h\u00e9"}]},"jsonrpc":"2.0","id":"c-1"}""");

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":42,"result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":42,"result":{"_meta":null,"tools":[]}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":42,"result":{"_meta":{},"tools":[]}}""")]
    public void A_legacy_list_gets_hints_that_promise_nothing(string response)
    {
        var result = JsonNode.Parse(ToModern(response, McpMethod.ToolsList))!["result"]!;

        result["ttlMs"]!.GetValue<int>().ShouldBe(0);
        result["cacheScope"]!.GetValue<string>().ShouldBe("private");
        result["resultType"]!.GetValue<string>().ShouldBe("complete");
        result["_meta"]!["io.modelcontextprotocol/serverInfo"]!["name"]!.GetValue<string>().ShouldBe("s");
    }

    [Fact]
    public void A_cached_result_is_given_with_the_time_that_is_left()
    {
        var context = Modern(ProtocolRevision.V20260728, McpMethod.ResourcesRead) with { Id = default, Ttl = TimeSpan.FromMilliseconds(1234.9), IsPublic = true };

        var (text, _) = Translate("""{"contents":[],"ttlMs":60000,"resultType":"complete"}""", context, alone: true);

        text.ShouldBe("""{"cacheScope":"public","contents":[],"ttlMs":1234,"resultType":"complete"}""");
    }

    [Fact]
    public void A_modern_result_passes_between_modern_peers_as_it_is()
    {
        const string Response = """{"jsonrpc":"2.0","id":42,"result":{"resultType":"input_required","requestState":"s","_meta":{}}}""";

        Translate(Response, Modern(ProtocolRevision.V20260728, McpMethod.ResourcesRead)).Text.ShouldBe(Response.Replace("42", "\"c-1\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_modern_result_loses_what_a_legacy_client_does_not_know() =>
        ToLegacy(
            """{"jsonrpc":"2.0","id":42,"result":{"resultType":"complete","tools":[{"name":"a"}],"ttlMs":5,"cacheScope":"public","_meta":{"a/b":1,"io.modelcontextprotocol/serverInfo":{"name":"s"}}}}""",
            McpMethod.ToolsList).ShouldBe("""{"jsonrpc":"2.0","id":"c-1","result":{"tools":[{"name":"a"}],"_meta":{"a/b":1}}}""");

    [Theory]
    [InlineData("""{"resultType":"complete","structuredContent":[1, 2],"content":[]}""", """{"content":[{"type":"text","text":"[1, 2]"}]}""")]
    [InlineData("""{"resultType":"complete","structuredContent":"x\"y"}""", """{"content":[{"type":"text","text":"\"x\\\"y\""}]}""")]
    [InlineData("""{"structuredContent":7,"content":[{"type":"image"}]}""", """{"content":[{"type":"text","text":"7"},{"type":"image"}]}""")]
    [InlineData("""{"structuredContent":7,"content":[{"type":"text","text":"seven"}]}""", """{"content":[{"type":"text","text":"seven"}]}""")]
    [InlineData("""{"structuredContent":{"a":1},"content":[]}""", """{"structuredContent":{"a":1},"content":[]}""")]
    public void Structured_content_that_is_no_object_becomes_text_for_a_legacy_client(string result, string expected) =>
        ToLegacy($$"""{"jsonrpc":"2.0","id":42,"result":{{result}}}""", McpMethod.ToolsCall).ShouldBe($$"""{"jsonrpc":"2.0","id":"c-1","result":{{expected}}}""");

    [Fact]
    public void Content_that_an_old_revision_does_not_know_becomes_text()
    {
        const string Response = """{"jsonrpc":"2.0","id":42,"result":{"content":[{"type":"audio","mimeType":"audio/wav","data":"AA=="},{"type":"resource_link","name":"n","uri":"file:///a"},{"type":"text","text":"t"}]}}""";

        Translate(Response, Legacy(ProtocolRevision.V20251125, ProtocolRevision.V20241105, McpMethod.ToolsCall)).Text.ShouldBe(
            """{"jsonrpc":"2.0","id":"c-1","result":{"content":[{"type":"text","text":"[audio/wav left out: protocol revision 2024-11-05 has no audio content]"},{"type":"text","text":"[n](file:///a)"},{"type":"text","text":"t"}]}}""");
        Translate(Response, Legacy(ProtocolRevision.V20251125, ProtocolRevision.V20250618, McpMethod.ToolsCall)).Text.ShouldBe(Response.Replace("42", "\"c-1\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_prompt_message_that_an_old_revision_does_not_know_becomes_text() =>
        Translate(
            """{"jsonrpc":"2.0","id":42,"result":{"messages":[{"role":"user","content":{"type":"resource_link","uri":"u","name":"n"}}]}}""",
            Legacy(ProtocolRevision.V20251125, ProtocolRevision.V20250326, McpMethod.PromptsGet)).Text.ShouldBe(
            """{"jsonrpc":"2.0","id":"c-1","result":{"messages":[{"role":"user","content":{"type":"text","text":"[n](u)"}}]}}""");

    [Fact]
    public void An_output_schema_that_is_no_object_schema_is_kept_from_legacy_clients() =>
        ToLegacy(
            """{"jsonrpc":"2.0","id":42,"result":{"tools":[{"name":"a","outputSchema":{"type":"array"}},{"name":"b","outputSchema":{"type":"object"}}]}}""",
            McpMethod.ToolsList).ShouldBe("""{"jsonrpc":"2.0","id":"c-1","result":{"tools":[{"name":"a"},{"name":"b","outputSchema":{"type":"object"}}]}}""");

    [Theory]
    [InlineData("input_required", ResultOutcome.NeedsInput)]
    [InlineData("task", ResultOutcome.UnknownType)]
    [InlineData("complete", ResultOutcome.Translated)]
    public void A_legacy_client_gets_complete_results_only(string type, ResultOutcome outcome) =>
        Translate(
            $$$"""{"jsonrpc":"2.0","id":42,"result":{"resultType":"{{{type}}}"}}""",
            Legacy(ProtocolRevision.V20260728, ProtocolRevision.V20251125, McpMethod.ToolsCall)).Outcome.ShouldBe(outcome);

    [Theory]
    [InlineData("2025-11-25", "2026-07-28", "resources/read", """{"code":-32002,"message":"x"}""", -32602)]
    [InlineData("2025-11-25", "2025-06-18", "resources/read", """{"code":-32002,"message":"x"}""", -32002)]
    [InlineData("2026-07-28", "2025-11-25", "resources/read", """{"code":-32602,"message":"x","data":{"uri":"u"}}""", -32002)]
    [InlineData("2026-07-28", "2025-11-25", "resources/read", """{"code":-32602,"message":"x"}""", -32602)]
    [InlineData("2026-07-28", "2025-11-25", "tools/call", """{"code":-32602,"message":"x","data":{"uri":"u"}}""", -32602)]
    public void The_code_for_an_unknown_resource_is_that_of_the_callers_era(string upstream, string caller, string method, string error, int code)
    {
        var context = new ResultContext { Upstream = ProtocolRevision.Parse(upstream), Caller = ProtocolRevision.Parse(caller), Method = McpMethods.Find(method), Id = CallerId };

        JsonNode.Parse(Translate($$"""{"jsonrpc":"2.0","error":{{error}},"id":42}""", context).Text)!["error"]!["code"]!.GetValue<int>().ShouldBe(code);
    }

    [Property(MaxTest = 200)]
    public void There_and_back_a_result_is_the_same(int seed)
    {
        var json = new RandomJson(seed);
        var response = json.Response();
        var there = Translate(response, Modern(ProtocolRevision.V20251125, McpMethod.ToolsCall), pieces: json.Random).Text;

        var back = JsonNode.Parse(Translate(there, Legacy(ProtocolRevision.V20260728, ProtocolRevision.V20251125, McpMethod.ToolsCall), pieces: json.Random).Text)!.AsObject();

        var expected = JsonNode.Parse(response)!.AsObject();
        expected["id"] = "c-1";
        var result = expected["result"]!.AsObject();
        result.Remove("resultType");
        result.Remove("ttlMs");
        if (result["_meta"] is null)
        {
            result["_meta"] = new JsonObject();
        }

        JsonNode.DeepEquals(back, expected).ShouldBeTrue($"{back}\n{expected}");
    }

    private static string ToModern(string response, McpMethod method) => Translate(response, Modern(ProtocolRevision.V20251125, method)).Text;

    private static string ToLegacy(string response, McpMethod method) =>
        Translate(response, Legacy(ProtocolRevision.V20260728, ProtocolRevision.V20251125, method)).Text;

    private static ResultContext Modern(ProtocolRevision upstream, McpMethod method) =>
        new() { Upstream = upstream, Caller = ProtocolRevision.V20260728, Method = method, Id = CallerId, ServerInfo = ServerInfo };

    private static ResultContext Legacy(ProtocolRevision upstream, ProtocolRevision caller, McpMethod method) =>
        new() { Upstream = upstream, Caller = caller, Method = method, Id = CallerId, ServerInfo = ServerInfo };

    private static (string Text, ResultOutcome Outcome) Translate(string response, ResultContext context, bool alone = false, Random? pieces = null)
    {
        var body = pieces is null ? Bytes.Of(response) : Bytes.InPieces(Encoding.UTF8.GetBytes(response), pieces);
        var scan = alone ? JsonRpcScanner.ScanResult(body, JsonLimits.Upstream) : JsonRpcScanner.Scan(body, JsonLimits.Upstream);
        using var plan = new SplicePlan();
        var outcome = ResultTranslator.Translate(context, body, scan.Envelope, plan);
        using var written = plan.Apply(body);
        (alone || JsonRpcScanner.Scan(written.Sequence, JsonLimits.Upstream).IsMessage).ShouldBeTrue();
        return (Bytes.Text(written.Sequence), outcome);
    }
}
