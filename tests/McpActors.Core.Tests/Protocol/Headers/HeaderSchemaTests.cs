using System.Text;
using FsCheck.Xunit;
using McpActors.Core.Protocol.Headers;

namespace McpActors.Core.Tests.Protocol.Headers;

public sealed class HeaderSchemaTests
{
    private const string Region = """{"type":"string","x-mcp-header":"Region"}""";

    [Fact]
    public void Annotated_properties_are_found_with_path_and_type()
    {
        var schema = Read("""
            {"type":"object","properties":{
              "region":{"x-mcp-header":"Region","type":"string"},
              "query":{"type":"string"},
              "options":{"type":"object","properties":{"limit":{"type":"integer","x-mcp-header":"Limit"}}},
              "dry":{"type":["boolean","null"],"x-mcp-header":"Dry"}}}
            """);
        schema.Fault.ShouldBeNull();
        schema.Parameters.Select(found => $"{string.Join('.', found.Path)} {found.Header} {found.Type}")
            .ShouldBe(["region Region string", "options.limit Limit integer", "dry Dry boolean"]);
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":""}}}""", HeaderSchemaRule.NotAToken, "/properties/a")]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":"My Header"}}}""", HeaderSchemaRule.NotAToken, "/properties/a")]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":"A\r\nB"}}}""", HeaderSchemaRule.NotAToken, "/properties/a")]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":"é"}}}""", HeaderSchemaRule.NotAToken, "/properties/a")]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":7}}}""", HeaderSchemaRule.NotAToken, "/properties/a")]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":"X"},"b":{"type":"string","x-mcp-header":"x"}}}""", HeaderSchemaRule.NotUnique, "/properties/b")]
    [InlineData("""{"properties":{"a":{"type":"number","x-mcp-header":"A"}}}""", HeaderSchemaRule.WrongType, "/properties/a")]
    [InlineData("""{"properties":{"a":{"type":"object","x-mcp-header":"A"}}}""", HeaderSchemaRule.WrongType, "/properties/a")]
    [InlineData("""{"properties":{"a":{"type":["string","integer"],"x-mcp-header":"A"}}}""", HeaderSchemaRule.WrongType, "/properties/a")]
    [InlineData("""{"properties":{"a":{"type":["null"],"x-mcp-header":"A"}}}""", HeaderSchemaRule.WrongType, "/properties/a")]
    [InlineData("""{"properties":{"a":{"x-mcp-header":"A"}}}""", HeaderSchemaRule.WrongType, "/properties/a")]
    [InlineData("""{"type":"string","x-mcp-header":"A"}""", HeaderSchemaRule.Unreachable, "")]
    public void Broken_annotation_makes_the_tool_invalid(string json, HeaderSchemaRule rule, string path)
    {
        var schema = Read(json);
        schema.Fault.ShouldBe(new HeaderSchemaFault(rule, path));
        schema.Parameters.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"items":HERE}}}""")]
    [InlineData("""{"properties":{"a":{"items":[HERE]}}}""")]
    [InlineData("""{"properties":{"a":{"items":{"properties":{"b":HERE}}}}}""")]
    [InlineData("""{"properties":{"a":{"prefixItems":[{},HERE]}}}""")]
    [InlineData("""{"properties":{"a":{"additionalProperties":HERE}}}""")]
    [InlineData("""{"oneOf":[{"properties":{"a":HERE}}]}""")]
    [InlineData("""{"anyOf":[{"properties":{"a":HERE}}]}""")]
    [InlineData("""{"allOf":[{"properties":{"a":HERE}}]}""")]
    [InlineData("""{"not":HERE}""")]
    [InlineData("""{"if":{"properties":{"a":HERE}}}""")]
    [InlineData("""{"then":{"properties":{"a":HERE}}}""")]
    [InlineData("""{"else":{"properties":{"a":HERE}}}""")]
    [InlineData("""{"$defs":{"a":HERE},"properties":{"b":{"$ref":"#/$defs/a"}}}""")]
    [InlineData("""{"definitions":{"a":HERE}}""")]
    [InlineData("""{"patternProperties":{"a":HERE}}""")]
    [InlineData("""{"dependentSchemas":{"a":{"properties":{"b":HERE}}}}""")]
    public void Annotation_that_properties_alone_do_not_reach_makes_the_tool_invalid(string json) =>
        Read(json.Replace("HERE", Region, StringComparison.Ordinal)).Fault.ShouldNotBeNull().Rule.ShouldBe(HeaderSchemaRule.Unreachable);

    [Theory]
    [InlineData("""{"properties":{"x-mcp-header":{"type":"string"}}}""")]
    [InlineData("""{"properties":{"a":{"type":"object","default":{"x-mcp-header":"A"}}}}""")]
    [InlineData("""{"properties":{"a":{"enum":[{"x-mcp-header":"A"}]}}}""")]
    [InlineData("""{"properties":{"a":{"const":{"x-mcp-header":"A"}}}}""")]
    [InlineData("""{"description":"no \u0041 x-mcp-header","type":"object"}""")]
    [InlineData("true")]
    [InlineData("{}")]
    public void Data_and_names_are_no_annotations(string json)
    {
        Read(json).Fault.ShouldBeNull();
        Read(json).Parameters.ShouldBeEmpty();
    }

    [Fact]
    public void Escaped_annotation_is_found() =>
        Read("""{"properties":{"a":{"type":"string","\u0078-mcp-header":"A"}}}""").Parameters.ShouldHaveSingleItem().Header.ShouldBe("A");

    [Theory]
    [InlineData("""{"properties":{"\ud800":{"type":"string","x-mcp-header":"A"}}}""")]
    [InlineData("""{"x-mcp-header":""")]
    public void Schema_that_cannot_be_read_makes_the_tool_invalid(string json) =>
        Read(json).Fault.ShouldNotBeNull().Rule.ShouldBe(HeaderSchemaRule.Unreadable);

    [Fact]
    public void Schema_nested_without_end_makes_the_tool_invalid()
    {
        var json = string.Concat(Enumerable.Repeat("""{"not":""", 5000)) + Region + new string('}', 5000);
        Read(json).Fault.ShouldNotBeNull().Rule.ShouldBe(HeaderSchemaRule.Unreadable);
    }

    [Property(MaxTest = 500)]
    public void Whatever_was_found_is_unique_and_names_a_property(byte[] script)
    {
        string[] headers = ["A", "a", "B", "C", "d"];
        string[] types = ["string", "integer", "boolean", "string", "number"];
        var members = script.Select((step, i) =>
            $$"""
            "p{{i}}":{"type":"{{types[step % 5]}}","x-mcp-header":"{{headers[step / 5 % 5]}}"}
            """);
        var schema = Read($$"""{"properties":{"o":{"properties":{ {{string.Join(',', members)}} } } } }""");
        var valid = script.All(step => step % 5 != 4)
            && script.Select(step => headers[step / 5 % 5]).Distinct(StringComparer.OrdinalIgnoreCase).Count() == script.Length;
        (schema.Fault is null).ShouldBe(valid);
        schema.Parameters.Select(found => string.Join('.', found.Path))
            .ShouldBe(valid ? script.Select((_, i) => $"o.p{i}") : []);
    }

    private static HeaderSchema Read(string json) => HeaderSchema.Read(Encoding.UTF8.GetBytes(json));
}
