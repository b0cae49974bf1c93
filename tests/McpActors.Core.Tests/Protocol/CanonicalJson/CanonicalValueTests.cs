using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using McpActors.Core.Protocol.CanonicalJson;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Core.Tests.Protocol.CanonicalJson;

public sealed class CanonicalValueTests
{
    [Theory]
    [InlineData("""{ "b" : 1 , "a" : [ 1 , 2.0 , 1E5 ] }""", """{"a":[1,2.0,1E5],"b":1}""")]
    [InlineData("""{"\u0062":1,"a":"\u00e9\/\u0022\\\u000A\u0001\ud83d\ude00"}""", """{"a":"é/\"\\\n\u0001😀","b":1}""")]
    [InlineData("""{"b":{"d":1,"c":{}},"a":[{"f":[],"e":null}]}""", """{"a":[{"e":null,"f":[]}],"b":{"c":{},"d":1}}""")]
    [InlineData("""{"Z":1,"a":2,"é":3,"":4,"aa":5}""", """{"":4,"Z":1,"a":2,"aa":5,"é":3}""")]
    [InlineData(""" "text" """, "\"text\"")]
    [InlineData("true", "true")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("{}", "{}")]
    [InlineData("[]", "[]")]
    public void Value_has_one_form(string json, string expected) => Canonical(json).ShouldBe(expected);

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"b":1,"a":1,"\u0062":1}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    [InlineData("""{"a":1}{""")]
    [InlineData("""{"a":1""")]
    [InlineData("""{"a":1,}""")]
    [InlineData("")]
    public void What_two_parsers_may_read_differently_has_none(string json)
    {
        Canonical(json).ShouldBeNull();
        var target = new ArrayBufferWriter<byte>();
        CanonicalValue.TryWrite(Bytes(json), target).ShouldBeFalse();
        target.WrittenCount.ShouldBe(0);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        var json = new string('[', 64) + new string(']', 64);
        Canonical(json).ShouldBe(json);
        Canonical("[" + json + "]").ShouldBeNull();
        using var deeper = CanonicalValue.Of(Bytes("[" + json + "]"), 65);
        deeper.ShouldNotBeNull();
    }

    [Fact]
    public void Value_is_taken_from_its_place_in_a_message()
    {
        const string message = """{"params":{"b":1,"a":2}}""";
        using var value = CanonicalValue.Of(Bytes(message, 2), new ByteRange(10, 13));
        Encoding.UTF8.GetString(value.ShouldNotBeNull().Span).ShouldBe("""{"a":2,"b":1}""");
    }

    [Property(MaxTest = 3000, EndSize = 80)]
    public void Two_ways_to_write_a_value_have_one_form_and_it_means_the_value(byte[] script, byte[] style, byte size)
    {
        var at = 0;
        var value = Generate(script, ref at, 5);
        var plain = new StringBuilder();
        Write(plain, value, [0]);
        var styled = new StringBuilder();
        Write(styled, value, style.Length == 0 ? [1] : style);

        var canonical = Canonical(plain.ToString()).ShouldNotBeNull();
        Canonical(styled.ToString(), size % 6).ShouldBe(canonical);
        Canonical(canonical).ShouldBe(canonical);
        JsonNode.DeepEquals(JsonNode.Parse(canonical), JsonNode.Parse(plain.ToString())).ShouldBeTrue();
        canonical.ShouldBe(Model(value));
    }

    private static string? Canonical(string json, int size = 0)
    {
        using var value = CanonicalValue.Of(Bytes(json, size));
        return value is null ? null : Encoding.UTF8.GetString(value.Span);
    }

    private static ReadOnlySequence<byte> Bytes(string json, int size = 0) => Pieces.Of(Encoding.UTF8.GetBytes(json), size);

    // Objects are lists of members, arrays lists of values, strings text, numbers and literals boxed in their own type.
    private static object Generate(byte[] script, ref int at, int depth)
    {
        var step = at < script.Length ? script[at++] : (byte)0;
        string[] texts = ["", "a", "b", "é", "\"", "\\", "\n", "\u0001", "😀", "a/b", "\uffff"];
        if (depth == 0 || step % 8 < 4)
        {
            return (step % 4) switch { 0 => new Literal("12.50"), 1 => new Literal("null"), 2 => new Literal("true"), _ => texts[step / 4 % texts.Length] };
        }

        var count = step / 8 % 5;
        if (step % 2 == 0)
        {
            var values = new List<object>();
            for (var i = 0; i < count; i++)
            {
                values.Add(Generate(script, ref at, depth - 1));
            }

            return values;
        }

        var members = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            members[texts[(step + (i * 3)) % texts.Length]] = Generate(script, ref at, depth - 1);
        }

        return members;
    }

    private static void Write(StringBuilder target, object value, byte[] style)
    {
        var mark = style[target.Length % style.Length];
        var blank = (mark % 3) switch { 1 => " ", 2 => "\n\t", _ => "" };
        target.Append(blank);
        switch (value)
        {
            case Literal literal:
                target.Append(literal.Text);
                break;
            case string text:
                Quote(target, text, mark);
                break;
            case List<object> values:
                target.Append('[');
                for (var i = 0; i < values.Count; i++)
                {
                    target.Append(i > 0 ? "," : "");
                    Write(target, values[i], style);
                }

                target.Append(blank).Append(']');
                break;
            case Dictionary<string, object> members:
                target.Append('{');
                var ordered = mark % 2 == 0 ? members.ToList() : [.. members.Reverse()];
                for (var i = 0; i < ordered.Count; i++)
                {
                    target.Append(i > 0 ? "," : "").Append(blank);
                    Quote(target, ordered[i].Key, mark);
                    target.Append(blank).Append(':');
                    Write(target, ordered[i].Value, style);
                }

                target.Append('}');
                break;
        }

        target.Append(blank);
    }

    private static void Quote(StringBuilder target, string text, int mark)
    {
        target.Append('"');
        foreach (var c in text)
        {
            if (c < ' ' || c is '"' or '\\' || mark % 4 == 3)
            {
                target.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                target.Append(c == '/' && mark % 4 == 1 ? "\\/" : c.ToString());
            }
        }

        target.Append('"');
    }

    private static string Model(object value) => value switch
    {
        Literal literal => literal.Text,
        string text => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\u0001", "\\u0001", StringComparison.Ordinal) + "\"",
        List<object> values => "[" + string.Join(',', values.Select(Model)) + "]",
        Dictionary<string, object> members => "{" + string.Join(',', members
            .OrderBy(member => Convert.ToHexString(Encoding.UTF8.GetBytes(member.Key)), StringComparer.Ordinal)
            .Select(member => Model(member.Key) + ":" + Model(member.Value))) + "}",
        _ => throw new InvalidOperationException(),
    };

    private sealed record Literal(string Text);
}
