using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace McpActors.Gateway.Tests.Front.Flows;

/// <summary>What was checked is what is forwarded: the arguments reach the server byte for byte, and nothing passes that two parsers read in two ways.</summary>
public sealed class ForwardingTests(FlowFixture fixture) : IClassFixture<FlowFixture>
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    [Theory]
    [InlineData("modern", McpClientDouble.Modern)]
    [InlineData("legacy", "2025-11-25")]
    [InlineData("modern", "2025-06-18")]
    [InlineData("legacy", McpClientDouble.Modern)]
    public async Task Arguments_arrive_byte_for_byte(string server, string revision)
    {
        var mock = server == "modern" ? fixture.ModernMock : fixture.LegacyMock;
        var client = await fixture.ClientAsync("/mcp/" + server, revision);
        foreach (var arguments in Gen.Sample(RawObject(3), 40, 60))
        {
            var body = Body(client, arguments);
            var reply = await client.PostAsync(body);
            reply.Status.ShouldBe(HttpStatusCode.OK, body);
            var seen = mock.Ledger.Requests[^1].Body;
            seen.ShouldContain("\"arguments\":" + arguments);
            seen.Replace(arguments, "", StringComparison.Ordinal).ShouldNotContain("io.mcpactors/");
        }
    }

    [Fact]
    public async Task A_mutated_message_is_refused_or_means_at_the_server_what_it_meant_here()
    {
        var client = new McpClientDouble(fixture.Gateway.Http, "/mcp/modern", McpClientDouble.Modern);
        var random = new Random(20261122);
        var refused = 0;
        var passed = 0;
        for (var i = 0; i < 300; i++)
        {
            var body = Mutate(Body(client, """{"message":"a","n":[1,2,{"x":"y"}]}"""), random);
            var before = fixture.ModernMock.Ledger.CountOf("tools/call");
            using var request = client.Message(Body(client, "{}"));
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
            using var response = await fixture.Gateway.Http.SendAsync(request);
            if (fixture.ModernMock.Ledger.CountOf("tools/call") == before)
            {
                refused++;
                continue;
            }

            passed++;
            using var sent = JsonDocument.Parse(body, Strict);
            using var seen = JsonDocument.Parse(fixture.ModernMock.Ledger.Requests[^1].Body, Strict);
            sent.RootElement.GetProperty("method").GetString().ShouldBe("tools/call");
            var asked = sent.RootElement.GetProperty("params");
            var done = seen.RootElement.GetProperty("params");
            asked.GetProperty("name").GetString().ShouldBe("echo");
            done.GetProperty("name").GetString().ShouldBe("echo");
            asked.TryGetProperty("arguments", out var wanted).ShouldBe(done.TryGetProperty("arguments", out var had));
            if (wanted.ValueKind != JsonValueKind.Undefined)
                had.GetRawText().ShouldBe(wanted.GetRawText());
        }

        refused.ShouldBeGreaterThan(100);
        passed.ShouldBeGreaterThan(10);
    }

    private static string Body(McpClientDouble client, string arguments) =>
        client.Request("tools/call", new JsonObject { ["name"] = "echo", ["arguments"] = "HERE" }).Replace("\"HERE\"", arguments, StringComparison.Ordinal);

    private static byte[] Mutate(string text, Random random)
    {
        var body = Encoding.UTF8.GetBytes(text).ToList();
        for (var n = random.Next(1, 3); n > 0; n--)
        {
            var at = random.Next(body.Count);
            switch (random.Next(4))
            {
                case 0:
                    body[at] = (byte)random.Next(256);
                    break;
                case 1:
                    body.RemoveAt(at);
                    break;
                case 2:
                    body.Insert(at, (byte)"{}[],:\"\\ 0"[random.Next(10)]);
                    break;
                default:
                    body.InsertRange(at, body.GetRange(random.Next(body.Count / 2), random.Next(1, body.Count / 2)));
                    break;
            }
        }

        return [.. body];
    }

    /// <summary>JSON objects as text, with blanks, escapes and number forms that a parser would change if it wrote them again.</summary>
    private static Gen<string> RawObject(int depth) =>
        from members in Gen.ListOf(RawValue(depth - 1), 3)
        from blank in Gen.Elements("", " ", "  ", "\t")
        select "{" + string.Join(",", members.Select((m, i) => blank + "\"k" + i.ToString(CultureInfo.InvariantCulture) + "\":" + blank + m)) + "}";

    private static Gen<string> RawValue(int depth)
    {
        var leaf = Gen.Elements(
            "1.0", "1e2", "-0", "9007199254740993", "0.10", "true", "null", "\"\"", "\"\\u00e9\"", "\"é\"", "\"\\/\"", "\"<&>\"", "\"😀\"", "\"\\ud83d\\ude00\"", "\"a\\nb\"", "[]", "{}");
        return depth <= 0
            ? leaf
            : Gen.OneOf(leaf, RawObject(depth), from items in Gen.ListOf(RawValue(depth - 1), 2) select "[" + string.Join(" , ", items) + "]");
    }
}
