using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Core.Tests.Protocol.Headers;

public sealed class HeaderCheckTests
{
    private static readonly HeaderParameter[] Parameters =
    [
        new(["region"], "Region", "string"),
        new(["options", "limit"], "Limit", "integer"),
        new(["options", "dry"], "Dry", "boolean"),
    ];

    [Fact]
    public void Headers_that_repeat_the_body_agree()
    {
        var check = Envelope("tools/call", """{"name":"søk"}""", Standard("tools/call", HeaderText.Encode("søk")));
        check.ShouldBeNull();
    }

    [Theory]
    [InlineData("MCP-Protocol-Version", null, HeaderRule.Missing)]
    [InlineData("MCP-Protocol-Version", "2025-11-25", HeaderRule.Differs)]
    [InlineData("Mcp-Method", null, HeaderRule.Missing)]
    [InlineData("Mcp-Method", "Tools/Call", HeaderRule.Differs)]
    [InlineData("Mcp-Name", null, HeaderRule.Missing)]
    [InlineData("Mcp-Name", "Search", HeaderRule.Differs)]
    [InlineData("Mcp-Name", "=?base64?c2VhcmNo", HeaderRule.Differs)]
    [InlineData("Mcp-Name", "=?base64?c2VhcmN?=", HeaderRule.Malformed)]
    [InlineData("Mcp-Name", "sea\u00e9rch", HeaderRule.Malformed)]
    [InlineData("Mcp-Name", " search\t", null)]
    [InlineData("Mcp-Name", "=?base64?c2VhcmNo?=", null)]
    [InlineData("Mcp-Method", " tools/call ", null)]
    public void Header_and_rule_are_named(string header, string? value, HeaderRule? rule)
    {
        var headers = Standard("tools/call", "search");
        headers.Set(header, value);
        Envelope("tools/call", """{"name":"search"}""", headers).ShouldBe(rule is { } broken ? new HeaderMismatch(header, broken) : null);
    }

    [Fact]
    public void Header_given_twice_is_refused_even_if_both_agree()
    {
        var headers = Standard("tools/call", "search");
        headers.Repeat("Mcp-Name");
        Envelope("tools/call", """{"name":"search"}""", headers).ShouldBe(new HeaderMismatch("Mcp-Name", HeaderRule.Repeated));
    }

    [Theory]
    [InlineData("tools/call", "name")]
    [InlineData("prompts/get", "name")]
    [InlineData("resources/read", "uri")]
    [InlineData("tasks/get", "taskId")]
    [InlineData("tasks/update", "taskId")]
    [InlineData("tasks/cancel", "taskId")]
    public void Methods_about_one_thing_repeat_its_name(string method, string member)
    {
        var parameters = $$"""{"{{member}}":"x"}""";
        Envelope(method, parameters, Standard(method, "x")).ShouldBeNull();
        Envelope(method, parameters, Standard(method, "y")).ShouldBe(new HeaderMismatch("Mcp-Name", HeaderRule.Differs));
        Envelope(method, parameters, Standard(method, null)).ShouldBe(new HeaderMismatch("Mcp-Name", HeaderRule.Missing));
        Envelope("tools/list", "{}", Standard("tools/list", null)).ShouldBeNull();
    }

    [Fact]
    public void Notifications_have_no_header_rules()
    {
        var body = Body("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""");
        HeaderCheck.Envelope(new Fields(), JsonRpcScanner.Scan(body, JsonLimits.Request).Envelope, body).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"region":"eu"}""", "Mcp-Param-Region", "eu", null)]
    [InlineData("""{"region":"\u0065u"}""", "Mcp-Param-Region", "eu", null)]
    [InlineData("""{"region":"eu"}""", "Mcp-Param-Region", "EU", HeaderRule.Differs)]
    [InlineData("""{"region":"eu"}""", "Mcp-Param-Region", null, HeaderRule.Missing)]
    [InlineData("""{"region":null}""", "Mcp-Param-Region", null, null)]
    [InlineData("""{"region":null}""", "Mcp-Param-Region", "null", HeaderRule.Unexpected)]
    [InlineData("""{}""", "Mcp-Param-Region", "eu", HeaderRule.Unexpected)]
    [InlineData("""{"region":["eu"]}""", "Mcp-Param-Region", "eu", HeaderRule.Differs)]
    [InlineData("""{"region":"é"}""", "Mcp-Param-Region", "=?base64?w6k=?=", null)]
    [InlineData("""{"region":"é"}""", "Mcp-Param-Region", "=?base64?w6k?=", HeaderRule.Malformed)]
    [InlineData("""{"options":{"limit":42}}""", "Mcp-Param-Limit", "42.0", null)]
    [InlineData("""{"options":{"limit":4.2e1}}""", "Mcp-Param-Limit", "42", null)]
    [InlineData("""{"options":{"limit":42}}""", "Mcp-Param-Limit", "=?base64?NDI=?=", null)]
    [InlineData("""{"options":{"limit":42}}""", "Mcp-Param-Limit", "43", HeaderRule.Differs)]
    [InlineData("""{"options":{"limit":42}}""", "Mcp-Param-Limit", "42,42", HeaderRule.Differs)]
    [InlineData("""{"options":{"limit":42}}""", "Mcp-Param-Limit", "", HeaderRule.Differs)]
    [InlineData("""{"options":{"limit":1.5}}""", "Mcp-Param-Limit", "1.5", HeaderRule.Differs)]
    [InlineData("""{"options":{"dry":true}}""", "Mcp-Param-Dry", "true", null)]
    [InlineData("""{"options":{"dry":true}}""", "Mcp-Param-Dry", "True", HeaderRule.Differs)]
    [InlineData("""{"limit":1,"options":{"region":"eu"}}""", "Mcp-Param-Limit", null, null)]
    [InlineData("""{"options":"none"}""", "Mcp-Param-Limit", null, null)]
    public void Arguments_and_their_headers_are_compared_as_values(string arguments, string header, string? value, HeaderRule? rule)
    {
        var headers = new Fields();
        headers.Set(header, value);
        foreach (var size in new[] { 0, 1, 3 })
        {
            HeaderCheck.Parameters(headers, Parameters, Body(arguments, size), new ByteRange(0, Encoding.UTF8.GetByteCount(arguments)))
                .ShouldBe(rule is { } broken ? new HeaderMismatch(header, broken) : null);
        }
    }

    [Fact]
    public void Call_without_arguments_has_no_parameter_headers()
    {
        HeaderCheck.Parameters(new Fields(), Parameters, Body("{}"), ByteRange.None).ShouldBeNull();
        ParameterHeaders.Build(Parameters, Body("{}"), ByteRange.None).ShouldBeEmpty();
    }

    [Property(MaxTest = 1000)]
    public void What_is_built_from_the_body_agrees_with_it(string? region, int? limit, bool? dry, bool extra, byte size)
    {
        var arguments = JsonSerializer.SerializeToUtf8Bytes(new
        {
            before = extra ? new { region = "no", options = new[] { 1 } } : null,
            region = region is null || IsText(region) ? region : "x",
            options = new { before = extra, limit, dry, after = new { limit = 1 } },
        });
        var body = Pieces.Of(arguments, size % 7);
        var range = new ByteRange(0, arguments.Length);
        var built = ParameterHeaders.Build(Parameters, body, range);
        var headers = new Fields();
        foreach (var (name, value) in built)
        {
            headers.Set(name, value);
        }

        built.Count.ShouldBe((region is null ? 0 : 1) + (limit is null ? 0 : 1) + (dry is null ? 0 : 1));
        HeaderCheck.Parameters(headers, Parameters, body, range).ShouldBeNull();
        if (limit is { } number)
        {
            headers.Find("mcp-param-limit").Value.ShouldBe(number.ToString(CultureInfo.InvariantCulture));
            headers.Set("Mcp-Param-Limit", (number - 1L).ToString(CultureInfo.InvariantCulture));
            HeaderCheck.Parameters(headers, Parameters, body, range).ShouldBe(new HeaderMismatch("Mcp-Param-Limit", HeaderRule.Differs));
        }
    }

    [Fact]
    public void Message_names_header_and_rule_and_no_value()
    {
        foreach (var rule in Enum.GetValues<HeaderRule>())
        {
            new HeaderMismatch("Mcp-Name", rule).Message.ShouldStartWith("Header mismatch: Mcp-Name ");
        }
    }

    private static bool IsText(string text) => !text.EnumerateRunes().Contains(Rune.ReplacementChar);

    private static HeaderMismatch? Envelope(string method, string parameters, Fields headers)
    {
        const string meta = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}";
        var inner = parameters == "{}" ? $"{{{meta}}}" : parameters[..^1] + "," + meta + "}";
        var body = Body($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{inner}}}""");
        return HeaderCheck.Envelope(headers, JsonRpcScanner.Scan(body, JsonLimits.Request).Envelope, body);
    }

    private static Fields Standard(string method, string? name)
    {
        var headers = new Fields();
        headers.Set("MCP-Protocol-Version", "2026-07-28");
        headers.Set("Mcp-Method", method);
        headers.Set("Mcp-Name", name);
        return headers;
    }

    private static ReadOnlySequence<byte> Body(string text, int size = 0) => Pieces.Of(Encoding.UTF8.GetBytes(text), size);

    private sealed class Fields : IRequestHeaders
    {
        private readonly Dictionary<string, HeaderField> _fields = new(StringComparer.OrdinalIgnoreCase);

        public HeaderField Find(string name) => _fields.GetValueOrDefault(name);

        public void Set(string name, string? value)
        {
            _fields.Remove(name);
            if (value is not null)
            {
                _fields.Add(name, new HeaderField(1, value));
            }
        }

        public void Repeat(string name) => _fields[name] = new HeaderField(2, null);
    }
}
