using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Gateway.Tests.Front.Flows;
using McpActors.MockServer;

namespace McpActors.Gateway.Tests.Front.Rest;

/// <summary>Tools over plain HTTP.</summary>
public sealed class RestFlowTests(FlowFixture fixture) : IClassFixture<FlowFixture>
{
    [Theory]
    [InlineData("modern")]
    [InlineData("legacy")]
    [InlineData("old")]
    public async Task Arguments_go_in_and_the_result_comes_out(string server)
    {
        var (status, type, body) = await PostAsync($"/api/v1/servers/{server}/tools/echo", """{"message":"plain"}""");
        status.ShouldBe(HttpStatusCode.OK);
        type.ShouldBe("application/json");
        ((string?)body["content"]![0]!["text"]).ShouldBe("plain");
        ((bool)body["isError"]!).ShouldBeFalse();
        body.ContainsKey("jsonrpc").ShouldBeFalse();
    }

    [Fact]
    public async Task Structured_results_and_tool_errors_are_told()
    {
        ((int)(await PostAsync("/api/v1/servers/modern/tools/counter", "{}")).Body["structuredContent"]!["count"]!).ShouldBeGreaterThan(0);
        ((bool)(await PostAsync("/api/v1/servers/modern/tools/fail", "")).Body["isError"]!).ShouldBeTrue();
    }

    [Theory]
    [InlineData("/api/v1/servers/nowhere/tools/echo", "{}", 404, 1404)]
    [InlineData("/api/v1/servers/modern/tools/no_such_tool", "{}", 404, -32602)]
    [InlineData("/api/v1/servers/modern/tools/echo", "[1]", 400, -32700)]
    [InlineData("/api/v1/servers/modern/tools/echo", "{\"a\":1}}", 400, -32700)]
    [InlineData("/api/v1/servers/modern/tools/echo", "{},\"name\":\"counter\",\"x\":{}", 400, -32700)]
    [InlineData("/api/v1/servers/modern/tools/echo", "{\"a\":1,\"a\":2}", 400, -32600)]
    [InlineData("/api/v1/servers/modern/tools/echo", "{", 400, -32700)]
    public async Task Refusals_are_problem_details(string path, string arguments, int status, int code)
    {
        var answer = await PostAsync(path, arguments);
        ((int)answer.Status).ShouldBe(status);
        answer.Type.ShouldBe("application/problem+json");
        ((int)answer.Body["status"]!).ShouldBe(status);
        ((int)answer.Body["code"]!).ShouldBe(code);
        ((string?)answer.Body["detail"]).ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task A_server_error_is_a_bad_gateway_that_says_the_outcome_is_unknown()
    {
        fixture.ModernMock.Behaviour.Add(Fault.WithStatus(500).OnTool("counter").For(1));
        var answer = await PostAsync("/api/v1/servers/modern/tools/counter", "{}");
        answer.Status.ShouldBe(HttpStatusCode.BadGateway);
        ((int)answer.Body["upstreamStatus"]!).ShouldBe(500);
        ((string?)answer.Body["outcome"]).ShouldBe("unknown");
    }

    [Fact]
    public async Task Anything_but_json_is_415_and_another_method_405()
    {
        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        (await fixture.Gateway.Http.PostAsync("/api/v1/servers/modern/tools/echo", text)).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await fixture.Gateway.Http.GetAsync("/api/v1/servers/modern/tools/echo")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Probes_answer()
    {
        (await fixture.Gateway.Http.GetAsync("/healthz/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await fixture.Gateway.Http.GetAsync("/healthz/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<(HttpStatusCode Status, string? Type, JsonObject Body)> PostAsync(string path, string arguments)
    {
        using var content = new StringContent(arguments, Encoding.UTF8, "application/json");
        using var response = await fixture.Gateway.Http.PostAsync(path, content);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }
}
