using System.Diagnostics;
using McpActors.Gateway.Front.Aggregate;

namespace McpActors.Gateway.Tests.Front.Aggregate;

public sealed class UriTemplateTests
{
    [Theory]
    [InlineData("file:///{path}", "file:///a/b.txt", true)]
    [InlineData("file:///{path}", "git:///a", false)]
    [InlineData("db://{table}/rows/{id}", "db://users/rows/7", true)]
    [InlineData("db://{table}/rows/{id}", "db://users/columns/7", false)]
    [InlineData("test://{id}/data", "test://1/data", true)]
    [InlineData("test://{id}/data", "test://1/data/more", false)]
    [InlineData("fixed://x", "fixed://x", true)]
    [InlineData("fixed://x", "fixed://xy", false)]
    [InlineData("{+any}", "anything:at-all", true)]
    public void A_uri_fits_its_template(string template, string uri, bool expected) =>
        UriTemplate.Parse(template)!.Matches(uri).ShouldBe(expected);

    [Theory]
    [InlineData("a{b")]
    [InlineData("a}b")]
    [InlineData("a{b{c}}")]
    public void Broken_templates_are_no_templates(string template) => UriTemplate.Parse(template).ShouldBeNull();

    [Fact]
    public void Hostile_input_takes_linear_time()
    {
        var template = UriTemplate.Parse(string.Concat(Enumerable.Repeat("a{x}", 50)) + "b")!;
        var started = Stopwatch.GetTimestamp();
        template.Matches(new string('a', 100_000)).ShouldBeFalse();
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromMilliseconds(250));
    }
}
