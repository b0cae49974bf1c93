using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using McpActors.Core.Protocol.Bridging;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;

namespace McpActors.Core.Tests.Protocol.Bridging;

public sealed class RequestTranslatorTests
{
    private const string ModernCall =
        """{"jsonrpc":"2.0","id":"c-1","method":"tools/call","params":{"name":"echo","arguments":{"text":"h\u00e9 1.50"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"sampling":{}},"io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/logLevel":"info","progressToken":"tok","x/y":1}}}""";

    private const string LegacyCall =
        """{"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"},"_meta":{"progressToken":3}},"id":7,"jsonrpc":"2.0"}""";

    [Fact]
    public void A_modern_call_loses_the_reserved_keys_on_its_way_to_a_legacy_server() =>
        Translate(ModernCall, Context(ProtocolRevision.V20260728, ProtocolRevision.V20251125)).ShouldBe(
            """{"jsonrpc":"2.0","id":42,"method":"tools/call","params":{"name":"echo","arguments":{"text":"h\u00e9 1.50"},"_meta":{"progressToken":42,"x/y":1}}}""");

    [Fact]
    public void A_legacy_call_gets_what_a_modern_server_demands()
    {
        var context = Context(ProtocolRevision.V20250618, ProtocolRevision.V20260728) with
        {
            ClientCapabilities = """{"roots":{}}"""u8.ToArray(),
            ClientInfo = """{"name":"old","version":"0"}"""u8.ToArray(),
            LogLevel = "warning",
        };

        Translate(LegacyCall, context).ShouldBe(
            """{"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"roots":{}},"io.modelcontextprotocol/clientInfo":{"name":"old","version":"0"},"io.modelcontextprotocol/logLevel":"warning","progressToken":42}},"id":42,"jsonrpc":"2.0"}""");
    }

    [Theory]
    [InlineData("2026-07-28", ModernCall)]
    [InlineData("2025-11-25", LegacyCall)]
    public void Within_an_era_only_the_id_and_the_token_change(string revision, string call)
    {
        var same = ProtocolRevision.Parse(revision);

        Translate(call, Context(same, same)).ShouldBe(call.Replace("\"c-1\"", "42", StringComparison.Ordinal).Replace("\"tok\"", "42", StringComparison.Ordinal)
            .Replace("\"id\":7", "\"id\":42", StringComparison.Ordinal).Replace("\"progressToken\":3", "\"progressToken\":42", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{ }}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":""}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"","_meta":{}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":null,"cursor":""}}""")]
    public void The_metadata_finds_its_place_whatever_is_there(string request)
    {
        var context = Context(ProtocolRevision.V20251125, ProtocolRevision.V20260728) with { TraceParent = "00-1-2-01" };

        var meta = JsonNode.Parse(Translate(request, context))!["params"]!["_meta"]!;

        meta["io.modelcontextprotocol/protocolVersion"]!.GetValue<string>().ShouldBe("2026-07-28");
        meta["io.modelcontextprotocol/clientCapabilities"]!.ToJsonString().ShouldBe("{}");
        meta["traceparent"]!.GetValue<string>().ShouldBe("00-1-2-01");
    }

    [Fact]
    public void Keys_for_the_gateway_and_the_callers_span_do_not_pass()
    {
        const string Call = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{"io.mcpactors/idempotencyKey":"k","traceparent":"00-a-a-01","tracestate":"v=1","io.mcpactors/timeoutMs":5}}}""";
        var context = Context(ProtocolRevision.V20251125, ProtocolRevision.V20251125) with { TraceParent = "00-b-b-01" };

        Translate(Call, context).ShouldBe("""{"jsonrpc":"2.0","id":42,"method":"tools/call","params":{"name":"a","_meta":{"traceparent":"00-b-b-01","tracestate":"v=1"}}}""");
    }

    [Theory]
    [InlineData("tools/call", """{"name":"x__a"}""", """{"name":"a\"b"}""")]
    [InlineData("resources/read", """{"uri":"x"}""", """{"uri":"a\"b"}""")]
    [InlineData("completion/complete", """{"ref":{"type":"ref/prompt","name":"x__p"}}""", """{"ref":{"type":"ref/prompt","name":"a\"b"}}""")]
    [InlineData("tools/list", """{"name":"x"}""", """{"name":"x"}""")]
    public void A_name_becomes_the_upstreams(string method, string given, string expected)
    {
        var context = Context(ProtocolRevision.V20251125, ProtocolRevision.V20251125) with { Target = "a\"b" };

        Translate($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{given}}}""", context)
            .ShouldBe($$"""{"jsonrpc":"2.0","id":42,"method":"{{method}}","params":{{expected}}}""");
    }

    [Property(MaxTest = 200)]
    public void There_and_back_a_request_is_the_same(int seed)
    {
        var json = new RandomJson(seed);
        var request = json.Request();
        var there = Translate(request, Context(ProtocolRevision.V20251125, ProtocolRevision.V20260728) with { TraceParent = "t" }, json.Random);

        var back = JsonNode.Parse(Translate(there, Context(ProtocolRevision.V20260728, ProtocolRevision.V20251125), json.Random))!.AsObject();

        var expected = JsonNode.Parse(request)!.AsObject();
        expected["id"] = 42;
        var meta = expected["params"]!["_meta"] as JsonObject ?? [];
        meta["traceparent"] = "t";
        meta.Remove("io.modelcontextprotocol/clientInfo");
        if (meta.ContainsKey("progressToken"))
        {
            meta["progressToken"] = 42;
        }

        expected["params"]!["_meta"] = meta.DeepClone();
        JsonNode.DeepEquals(back, expected).ShouldBeTrue($"{back}\n{expected}");
    }

    private static RequestContext Context(ProtocolRevision caller, ProtocolRevision upstream) => new() { Caller = caller, Upstream = upstream, Id = 42 };

    private static string Translate(string request, RequestContext context, Random? pieces = null)
    {
        var body = pieces is null ? Bytes.Of(request) : Bytes.InPieces(Encoding.UTF8.GetBytes(request), pieces);
        using var plan = new SplicePlan();
        RequestTranslator.Translate(context, body, JsonRpc.JsonRpcScannerTests.Scan(body), plan);
        using var written = plan.Apply(body);
        JsonRpc.JsonRpcScannerTests.Scan(written.Sequence).Kind.ShouldBe(JsonRpcKind.Request);
        return Bytes.Text(written.Sequence);
    }
}
