using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Core.Tests.Protocol.JsonRpc;

public sealed class JsonRpcScannerTests
{
    private const string ToolCall =
        """{"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"},"_meta":{"progressToken":"t1","io.mcpactors/idempotencyKey":"k","traceparent":"00-a-b-01"}},"id":"7","jsonrpc":"2.0"}""";

    [Fact]
    public void A_tool_call_is_found_whatever_the_order_of_its_members()
    {
        var body = Bytes.Of(ToolCall);

        var envelope = Scan(body);

        envelope.Kind.ShouldBe(JsonRpcKind.Request);
        envelope.Method.ShouldBe(McpMethod.ToolsCall);
        Raw(body, envelope.Id).ShouldBe("\"7\"");
        envelope.IdKind.ShouldBe(JsonRpcIdKind.String);
        envelope.TargetText(body).ShouldBe("echo");
        Raw(body, envelope.Params.Arguments).ShouldBe("""{"text":"hi"}""");
        Raw(body, envelope.Meta.ProgressToken).ShouldBe("\"t1\"");
        Raw(body, envelope.Meta.TraceParent).ShouldBe("\"00-a-b-01\"");
        Raw(body, envelope.Meta.IdempotencyKey).ShouldBe("\"k\"");
        envelope.Meta.HasGatewayKeys.ShouldBeTrue();
        envelope.Meta.ProtocolVersion.IsNone.ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3,"reason":"x"}}""", JsonRpcKind.Notification, McpMethod.CancelledNotification)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", JsonRpcKind.Request, McpMethod.ToolsList)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}""", JsonRpcKind.Request, McpMethod.ToolsList)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"acme/x"}""", JsonRpcKind.Request, McpMethod.Unknown)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools\/call"}""", JsonRpcKind.Request, McpMethod.ToolsCall)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: Server not initialized"}}""", JsonRpcKind.ErrorResponse, McpMethod.Unknown)]
    [InlineData("""{"jsonrpc":"2.0","error":{"code":-32000,"message":"no id"}}""", JsonRpcKind.ErrorResponse, McpMethod.Unknown)]
    [InlineData("""{"result":{},"jsonrpc":"2.0","id":null}""", JsonRpcKind.Response, McpMethod.Unknown)]
    [InlineData("""{"result":{},"jsonrpc":"2.0","id":5}""", JsonRpcKind.Response, McpMethod.Unknown)]
    public void Each_kind_of_message_is_told_apart(string text, JsonRpcKind kind, McpMethod method)
    {
        var envelope = Scan(Bytes.Of(text));

        envelope.Kind.ShouldBe(kind);
        envelope.Method.ShouldBe(method);
    }

    [Fact]
    public void A_result_shows_what_the_gateway_acts_upon()
    {
        var body = Bytes.Of("""{"jsonrpc":"2.0","id":5,"result":{"tools":[{"name":"a"}],"nextCursor":"","ttlMs":100,"cacheScope":"public","resultType":"complete","isError":true,"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}}}""");

        var envelope = Scan(body);

        envelope.IdNumber.ShouldBe(5);
        Raw(body, envelope.Result.Tools).ShouldBe("""[{"name":"a"}]""");
        Raw(body, envelope.Result.NextCursor).ShouldBe("\"\"");
        RawJson.Integer(body, envelope.Result.TtlMs).ShouldBe(100);
        RawJson.Text(body, envelope.Result.CacheScope).ShouldBe("public");
        envelope.Result.IsComplete.ShouldBeTrue();
        envelope.Result.IsError.ShouldBeTrue();
        Raw(body, envelope.Meta.ServerInfo).ShouldBe("""{"name":"s"}""");
    }

    [Fact]
    public void A_completion_shows_its_reference()
    {
        var body = Bytes.Of("""{"jsonrpc":"2.0","id":5,"method":"completion/complete","params":{"ref":{"uri":"file:///{p}","type":"ref/resource"},"argument":{"name":"p","value":"x"}}}""");

        var envelope = Scan(body);

        RawJson.Text(body, envelope.Params.ReferenceType).ShouldBe("ref/resource");
        RawJson.Text(body, envelope.Params.ReferenceUri).ShouldBe("file:///{p}");
        Raw(body, envelope.Params.Reference).ShouldBe("""{"uri":"file:///{p}","type":"ref/resource"}""");
    }

    [Fact]
    public void A_batch_yields_its_elements()
    {
        var body = Bytes.Of("""[ {"jsonrpc":"2.0","id":1,"method":"ping"} , 7,{"jsonrpc":"2.0","method":"notifications/initialized"}]""");

        JsonRpcScanner.Scan(body, JsonLimits.Request).Kind.ShouldBe(JsonRpcScanKind.Batch);
        var kinds = new List<string>();
        foreach (var element in JsonRpcScanner.Elements(body))
        {
            var scan = JsonRpcScanner.Scan(element.In(body), JsonLimits.Request);
            kinds.Add(scan.IsMessage ? scan.Envelope.Kind.ToString() : scan.Kind.ToString());
        }

        kinds.ShouldBe(["Request", "Fault", "Notification"]);
    }

    [Fact]
    public void A_fault_knows_the_id_that_was_read_before_it()
    {
        var body = Bytes.Of("""{"jsonrpc":"2.0","id":41,"method":"tools/call","params":7}""");

        var scan = JsonRpcScanner.Scan(body, JsonLimits.Request);

        scan.Fault.Code.ShouldBe(-32600);
        Raw(body, scan.FaultId).ShouldBe("41");
    }

    [Fact]
    public void A_result_out_of_the_cache_is_scanned_by_itself()
    {
        var body = Bytes.Of(""" {"resultType":"input_required","contents":[]} """);

        var envelope = JsonRpcScanner.ScanResult(body, JsonLimits.Upstream).Envelope;

        envelope.Result.IsInputRequired.ShouldBeTrue();
        Raw(body, envelope.Result.Contents).ShouldBe("[]");
    }

    [Property(MaxTest = 300)]
    public void Ranges_agree_with_a_document(int seed)
    {
        var json = new RandomJson(seed);
        foreach (var text in new[] { json.Request(), json.Response() })
        {
            var body = Bytes.Of(text);
            var envelope = Scan(body);
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;

            Raw(body, envelope.Id).ShouldBe(root.GetProperty("id").GetRawText());
            if (envelope.Kind == JsonRpcKind.Request)
            {
                var parameters = root.GetProperty("params");
                Raw(body, envelope.MethodName).ShouldBe(root.GetProperty("method").GetRawText());
                Raw(body, envelope.Params.Range).ShouldBe(parameters.GetRawText());
                envelope.TargetText(body).ShouldBe(parameters.GetProperty("name").GetString());
                Raw(body, envelope.Params.Arguments).ShouldBe(Raw(parameters, "arguments"));
                Raw(body, envelope.Meta.Range).ShouldBe(Raw(parameters, "_meta"));
            }
            else
            {
                var result = root.GetProperty("result");
                Raw(body, envelope.Result.Range).ShouldBe(result.GetRawText());
                Raw(body, envelope.Result.Content).ShouldBe(Raw(result, "content"));
                Raw(body, envelope.Meta.Range).ShouldBe(Raw(result, "_meta"));
            }
        }
    }

    [Property(MaxTest = 300)]
    public void Pieces_scan_as_the_whole(int seed)
    {
        var json = new RandomJson(seed);
        var text = json.Random.Next(2) == 0 ? json.Request() : json.Response();
        var bytes = Encoding.UTF8.GetBytes(text);
        if (json.Random.Next(3) == 0)
        {
            // Broken somewhere: both must see that, too.
            bytes[json.Random.Next(bytes.Length)] = (byte)json.Random.Next(256);
        }

        var whole = JsonRpcScanner.Scan(new ReadOnlySequence<byte>(bytes), JsonLimits.Request);
        var pieces = JsonRpcScanner.Scan(Bytes.InPieces(bytes, json.Random), JsonLimits.Request);

        pieces.Kind.ShouldBe(whole.Kind);
        pieces.Fault.Code.ShouldBe(whole.Fault.Code);
        if (whole.IsMessage)
        {
            Describe(pieces.Envelope).ShouldBe(Describe(whole.Envelope));
        }
    }

    [Fact]
    public void An_envelope_can_be_used_again()
    {
        var envelope = Scan(Bytes.Of(ToolCall));

        JsonRpcScanner.Scan(Bytes.Of("""{"jsonrpc":"2.0","id":1,"method":"ping"}"""), JsonLimits.Request, envelope).Envelope.ShouldBeSameAs(envelope);

        Describe(envelope).ShouldBe(Describe(Scan(Bytes.Of("""{"jsonrpc":"2.0","id":1,"method":"ping"}"""))));
    }

    internal static JsonRpcEnvelope Scan(ReadOnlySequence<byte> body)
    {
        var scan = JsonRpcScanner.Scan(body, JsonLimits.Request);
        scan.Fault.Message.ShouldBeNull();
        return scan.Envelope;
    }

    private static string? Raw(ReadOnlySequence<byte> body, ByteRange range) => range.IsNone ? null : Bytes.Text(range.In(body));

    private static string? Raw(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetRawText() : null;

    private static string Describe(JsonRpcEnvelope e) =>
        $"{e.Kind} {e.Id} {e.IdKind} {e.IdNumber} {e.Method} {e.MethodName} {e.Error} {e.ErrorCode} "
        + $"{JsonSerializer.Serialize(e.Params)} {JsonSerializer.Serialize(e.Meta)} {JsonSerializer.Serialize(e.Result)}";
}
