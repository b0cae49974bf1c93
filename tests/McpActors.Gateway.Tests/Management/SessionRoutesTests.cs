using System.Net;
using System.Text;

namespace McpActors.Gateway.Tests.Management;

/// <summary>Sessions as operators see and end them.</summary>
public sealed class SessionRoutesTests(ManagementNode node) : IClassFixture<ManagementNode>
{
    [Fact]
    public async Task Session_is_listed_by_a_handle_that_admits_to_nothing_and_ended_by_it()
    {
        var id = await OpenAsync("/mcp/search");
        using var stream = await StreamAsync(id);

        var page = await node.OkAsync("GET", "/api/v1/sessions");
        var session = page["sessions"]!.AsArray().Single(one => (string?)one!["endpoint"] == "/mcp/search")!;
        var self = (string?)(await node.OkAsync("GET", "/cluster/members"))["selfNode"];

        page.ToJsonString().ShouldNotContain(id);
        ((string?)session["revision"]).ShouldBe("2025-06-18");
        ((string?)session["owner"]).ShouldBe(self);
        session["streams"]!.AsArray().Select(one => (string?)one).ShouldBe([self]);
        var handle = (string)session["id"]!;
        (await PingAsync(handle)).ShouldBe(HttpStatusCode.NotFound);
        ((string?)(await node.OkAsync("DELETE", $"/api/v1/sessions/{handle}"))["result"]).ShouldBe("ended");

        // The stream of the client ends with its session.
        (await stream.Content.ReadAsStringAsync()).ShouldNotContain("event: message");
        (await PingAsync(id)).ShouldBe(HttpStatusCode.NotFound);
        await node.RefusedAsync(404, "unknownSession", "DELETE", $"/api/v1/sessions/{handle}");
    }

    [Fact]
    public async Task Sessions_own_connection_is_shown_without_its_id()
    {
        var id = await OpenAsync("/mcp/second");
        (await SendAsync("/mcp/second", id, """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"message":"x"}}}""")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var server = await node.OkAsync("GET", "/api/v1/servers/second");

        server.ToJsonString().ShouldNotContain(id);
        server["connections"]!.AsArray().ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("0123456789abcdef")]
    public async Task Unknown_session_is_404_with_the_way_out(string handle) =>
        (await node.RefusedAsync(404, "unknownSession", "DELETE", $"/api/v1/sessions/{handle}")).ShouldContain("GET /api/v1/sessions");

    [Fact]
    public async Task Wrong_limit_is_refused_with_its_range() => await node.RefusedAsync(400, "badLimit", "GET", "/api/v1/sessions?limit=0");

    private async Task<string> OpenAsync(string endpoint)
    {
        using var opened = await SendAsync(endpoint, null, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        opened.StatusCode.ShouldBe(HttpStatusCode.OK);
        return opened.Headers.GetValues("Mcp-Session-Id").Single();
    }

    private async Task<HttpStatusCode> PingAsync(string id)
    {
        using var answer = await SendAsync("/mcp/search", id, """{"jsonrpc":"2.0","id":3,"method":"ping"}""");
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> StreamAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/mcp/search");
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("Mcp-Session-Id", id);
        var response = await node.Front.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return response;
    }

    private async Task<HttpResponseMessage> SendAsync(string endpoint, string? session, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        if (session is not null)
            request.Headers.Add("Mcp-Session-Id", session);
        return await node.Front.SendAsync(request);
    }
}
