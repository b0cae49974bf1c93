using McpActors.Gateway.Front.Security;

namespace McpActors.Gateway.Tests.Front.Security;

public sealed class RequestShapeTests
{
    [Theory]
    [InlineData("/mcp/%2e%2e/servers")]
    [InlineData("/mcp/..%2fservers")]
    [InlineData("/mcp/%2E%2E%2Fservers")]
    [InlineData("/mcp/a%5cb")]
    [InlineData("/mcp/a\\b")]
    [InlineData("/mcp/%252e%252e/servers")]
    [InlineData("/mcp/a%00")]
    [InlineData("/mcp/../servers")]
    [InlineData("/mcp/..")]
    [InlineData("/mcp/.")]
    [InlineData("/./mcp")]
    [InlineData("/mcp/%2")]
    [InlineData("/mcp/%")]
    [InlineData("http://localhost/mcp/../servers")]
    public void Targets_that_parsers_disagree_about_are_ambiguous(string target) => RequestShape.IsAmbiguous(target).ShouldBeTrue();

    [Theory]
    [InlineData("/")]
    [InlineData("/mcp/files")]
    [InlineData("/api/v1/servers/a/tools/ns.tool.v1")]
    [InlineData("/api/v1/servers/a/tools/a..b")]
    [InlineData("/api/v1/servers/a/tools/..b")]
    [InlineData("/api/v1/servers/a/tools/sp%20ace")]
    [InlineData("/mcp/files?x=..%2f%2e\\")]
    [InlineData("*")]
    [InlineData("http://localhost/mcp/files")]
    public void Ordinary_targets_are_not(string target) => RequestShape.IsAmbiguous(target).ShouldBeFalse();
}
