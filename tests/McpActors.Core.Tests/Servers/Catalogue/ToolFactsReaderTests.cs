using System.Text;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Servers.Catalogue;

namespace McpActors.Core.Tests.Servers.Catalogue;

public sealed class ToolFactsReaderTests
{
    [Fact]
    public void Arguments_that_travel_as_headers_are_facts_of_a_tool()
    {
        var facts = Read("""{"name":"t","inputSchema":{"properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}""");
        facts.HeaderParameters.ShouldHaveSingleItem().Header.ShouldBe("Region");
        facts.HeaderFault.ShouldBeNull();
    }

    [Fact]
    public void Invalid_header_annotation_is_a_fact_and_leaves_no_headers()
    {
        var facts = Read("""
            {"name":"t","inputSchema":{"properties":{
              "region":{"type":"string","x-mcp-header":"Region"},"rate":{"type":"number","x-mcp-header":"Rate"}}}}
            """);
        facts.HeaderParameters.ShouldBeEmpty();
        facts.HeaderFault.ShouldBe(new HeaderSchemaFault(HeaderSchemaRule.WrongType, "/properties/rate"));
    }

    [Fact]
    public void Hints_of_the_server_are_facts_of_a_tool()
    {
        Read("""{"name":"t","annotations":{"readOnlyHint":true}}""").Annotations.ShouldBe(new ToolAnnotations(ReadOnly: true, Idempotent: false));
        Read("""{"name":"t"}""").Annotations.ShouldBe(default);
    }

    private static ToolFacts Read(string json) => ToolFactsReader.Read(new ListItem("t", Encoding.UTF8.GetBytes(json)));
}
