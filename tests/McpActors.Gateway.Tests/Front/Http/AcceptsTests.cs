using McpActors.Gateway.Front.Http;

namespace McpActors.Gateway.Tests.Front.Http;

public sealed class AcceptsTests
{
    [Theory]
    [InlineData("application/json, text/event-stream", true)]
    [InlineData("text/event-stream;q=0.5,application/json", true)]
    [InlineData("*/*", true)]
    [InlineData("application/*, text/*", true)]
    [InlineData("application/json", false)]
    [InlineData("text/event-stream", false)]
    [InlineData("application/json, text/event-stream;q=0", false)]
    [InlineData("application/json, text/event-stream;q=0.000", false)]
    [InlineData("application/json, text/event-stream;q=0.001", true)]
    [InlineData("", false)]
    public void Both_shapes_of_an_answer_are_taken_or_not(string accept, bool expected) =>
        Accepts.JsonAndEvents(accept).ShouldBe(expected);

    [Fact]
    public void Shapes_may_come_in_two_header_lines() =>
        Accepts.JsonAndEvents(new(["application/json", "text/event-stream"])).ShouldBeTrue();

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("APPLICATION/JSON; charset=UTF-8", true)]
    [InlineData("application/json;charset=\"utf-8\"", true)]
    [InlineData("application/json; charset=utf-7", false)]
    [InlineData("application/json; charset=utf-16", false)]
    [InlineData("text/plain", false)]
    [InlineData("text/json", false)]
    [InlineData("application/x-www-form-urlencoded", false)]
    [InlineData("multipart/form-data; boundary=application/json", false)]
    [InlineData("text/plain; application/json", false)]
    [InlineData(null, false)]
    public void Only_json_in_utf8_is_json(string? contentType, bool expected) => Accepts.IsJson(contentType).ShouldBe(expected);
}
