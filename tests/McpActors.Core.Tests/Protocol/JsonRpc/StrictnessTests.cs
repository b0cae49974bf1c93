using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Core.Tests.Protocol.JsonRpc;

public sealed class StrictnessTests
{
    [Theory]
    [InlineData("", "empty message at byte 0")]
    [InlineData(" ", "invalid or unfinished JSON")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping"} x""", "invalid or unfinished JSON at byte 41")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping"}{}""", "invalid or unfinished JSON at byte 40")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping",}""", "invalid or unfinished JSON at byte")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping" /* */}""", "invalid or unfinished JSON at byte")]
    [InlineData("""{"jsonrpc":"2.0","id":01,"method":"ping"}""", "invalid or unfinished JSON at byte")]
    [InlineData("""{"jsonrpc":"2.0","id":NaN,"method":"ping"}""", "invalid or unfinished JSON at byte")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"pi""", "invalid or unfinished JSON at byte")]
    [InlineData("\uFEFF{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", "byte order mark at byte 0")]
    public void What_is_no_json_is_a_parse_error(string text, string rule)
    {
        var fault = Fault(Bytes.Of(text));

        fault.Code.ShouldBe(-32700);
        fault.Message.ShouldContain(rule);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}""", "duplicate member \"id\" at byte 24")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","\u006dethod":"tools/call"}""", "duplicate member \"method\"")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":[{"b":{"c":1,"d":2,"\u0063":3}}]}}""", "duplicate member \"c\"")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"Method":"ping"}""", "member \"Method\" differs from a known one only in case")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call"}""", "\"METHOD\" differs")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}}""", "\"Name\" differs")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","\u004eame":"b"}}""", "\"Name\" differs")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","argumentſ":{}}}""", "\"argumentſ\" differs")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","tasK":{}}}""", "\"tasK\" differs")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{"TraceParent":"x"}}}""", "\"TraceParent\" differs")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"x","params":{"a\u0000b":1}}""", "NUL in a member name")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"x","params":{"\ud800":1}}""", "half a surrogate pair")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"ping"}""", "jsonrpc must be \"2.0\"")]
    [InlineData("""{"id":1,"method":"ping"}""", "jsonrpc is missing")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"ping"}""", "must not be null")]
    [InlineData("""{"jsonrpc":"2.0","id":1.0,"method":"ping"}""", "id must be a string or an integer")]
    [InlineData("""{"jsonrpc":"2.0","id":1e2,"method":"ping"}""", "id must be a string or an integer")]
    [InlineData("""{"jsonrpc":"2.0","id":true,"method":"ping"}""", "id must be a string or an integer")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""", "method must be a string")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}""", "params must be an object")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":3}}""", "_meta must be an object")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"x","result":{}}""", "method beside result or error")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1}}""", "result beside error")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", "neither method nor result nor error")]
    [InlineData("""{"jsonrpc":"2.0","result":{}}""", "a result needs an id")]
    [InlineData("[]", "empty batch")]
    [InlineData("7", "a message is an object")]
    public void What_is_ambiguous_or_no_message_is_an_invalid_request(string text, string rule)
    {
        var fault = Fault(Bytes.Of(text));

        fault.Code.ShouldBe(-32600);
        fault.Message.ShouldContain(rule);
        Fault(Bytes.InPieces(Encoding.UTF8.GetBytes(text), new Random(1), 3)).ShouldBe(fault);
    }

    [Theory]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x98 })]
    public void Bytes_that_are_no_utf8_are_found_at_their_place(byte[] bad)
    {
        byte[] body = [.. """{"jsonrpc":"2.0","id":1,"method":"x","params":{"ä":"é"""u8, .. bad, .. "\"}}"u8];
        var place = body.Length - 3 - bad.Length;

        for (var longest = 1; longest < 9; longest++)
        {
            var fault = Fault(Bytes.InPieces(body, new Random(longest), longest));
            fault.Code.ShouldBe(-32700);
            fault.Message.ShouldContain("invalid UTF-8");
            fault.Position.ShouldBe(place);
        }

        Fault(new ReadOnlySequence<byte>(body)).Position.ShouldBe(place);
    }

    [Theory]
    [InlineData(62, true)]
    [InlineData(63, false)]
    public void Depth_is_bounded(int inside, bool accepted)
    {
        var text = $$$$$"""{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":{{{{{new string('[', inside)}}}}}{{{{{new string(']', inside)}}}}}}}""";

        JsonRpcScanner.Scan(Bytes.Of(text), JsonLimits.Request).IsMessage.ShouldBe(accepted);
        if (!accepted)
        {
            Fault(Bytes.Of(text)).Message.ShouldContain("nested deeper than 64");
        }
    }

    [Theory]
    [InlineData(9_996, null)]
    [InlineData(9_997, "more than 10000 members")]
    public void The_number_of_members_is_bounded(int count, string? rule)
    {
        var members = string.Join(',', Enumerable.Range(0, count).Select(i => $"\"m{i.ToString(CultureInfo.InvariantCulture)}\":0"));

        var scan = JsonRpcScanner.Scan(Bytes.Of($$$$$"""{"jsonrpc":"2.0","id":1,"method":"x","params":{{{{{{members}}}}}}}"""), JsonLimits.Request);

        scan.IsMessage.ShouldBe(rule is null);
        (scan.Fault.Message ?? "").ShouldContain(rule ?? "");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(5_000)]
    public void Duplicates_are_found_in_objects_of_any_width(int width)
    {
        var members = string.Join(',', Enumerable.Range(0, width).Select(i => $"\"m{i.ToString(CultureInfo.InvariantCulture)}\":{{\"m0\":0}}"));

        foreach (var twice in new[] { 0, width / 2, width - 1 })
        {
            var text = $$$$$"""{"jsonrpc":"2.0","id":1,"method":"x","params":{"first":{{{{{{members}}}}}},"second":{{{{{{members}}}}}},"third":{{{{{{members}}}}},"m{{{{{twice}}}}}":1}}}""";
            JsonRpcScanner.Scan(Bytes.Of(text), JsonLimits.Request with { Members = 100_000 }).Fault.Message.ShouldContain($"duplicate member \"m{twice}\"");
        }

        var fine = $$$$$"""{"jsonrpc":"2.0","id":1,"method":"x","params":{"first":{{{{{{members}}}}}},"second":{{{{{{members}}}}}}}}""";
        JsonRpcScanner.Scan(Bytes.Of(fine), JsonLimits.Request with { Members = 100_000 }).IsMessage.ShouldBeTrue();
    }

    [Property(MaxTest = 500)]
    public void Duplicates_are_those_that_a_strict_document_finds(int seed)
    {
        var json = new RandomJson(seed) { AllowsDuplicates = true };
        var text = json.Object([("jsonrpc", "\"2.0\""), ("id", "1"), ("method", "\"x\""), ("params", json.Object([("p", json.Object(3)), ("q", json.Array(3))]))]);
        var scan = JsonRpcScanner.Scan(Bytes.Of(text), JsonLimits.Request);

        scan.IsMessage.ShouldBe(IsUnambiguous(text), scan.Fault.Message);
    }

    [Property(MaxTest = 500)]
    public void Whatever_passes_is_json_to_others_too(int seed)
    {
        var json = new RandomJson(seed);
        var bytes = Encoding.UTF8.GetBytes(json.Request());
        for (var i = json.Random.Next(3); i >= 0; i--)
        {
            bytes[json.Random.Next(bytes.Length)] = (byte)"{}[]\",:\\ 0e\0\u00e9"[json.Random.Next(13)];
        }

        if (JsonRpcScanner.Scan(new ReadOnlySequence<byte>(bytes), JsonLimits.Request).IsMessage)
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            IsUnambiguous(text).ShouldBeTrue(text);
        }
    }

    [Fact]
    public void Below_its_result_an_upstream_may_be_careless()
    {
        const string Careless = """{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"list":[{"a":1,"a":2}]},"Content":1,"content":[]}}""";
        const string Ambiguous = """{"jsonrpc":"2.0","id":1,"result":{"content":[],"content":[{}]}}""";

        JsonRpcScanner.Scan(Bytes.Of(Careless), JsonLimits.Upstream).IsMessage.ShouldBeTrue();
        JsonRpcScanner.Scan(Bytes.Of(Ambiguous), JsonLimits.Upstream).IsMessage.ShouldBeFalse();
    }

    [Fact]
    public void A_fault_shows_only_a_short_and_printable_part_of_a_name()
    {
        var name = "a\\u001b[31m" + new string('x', 5000);

        Fault(Bytes.Of($$$$$"""{"jsonrpc":"2.0","id":1,"method":"x","params":{"{{{{{name}}}}}":1,"{{{{{name}}}}}":2}}""")).Message.Length.ShouldBeLessThan(120);
    }

    private static bool IsUnambiguous(string text)
    {
        try
        {
            JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false }).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonRpcFault Fault(ReadOnlySequence<byte> body)
    {
        var scan = JsonRpcScanner.Scan(body, JsonLimits.Request);
        scan.Kind.ShouldBe(JsonRpcScanKind.Fault);
        return scan.Fault;
    }
}
