using System.Text.Json.Nodes;
using McpActors.Gateway.Front.Mcp;
using Microsoft.AspNetCore.Http;

namespace McpActors.Gateway.Tests.Front.Mcp;

public sealed class SessionEndpointTests
{
    [Theory]
    [InlineData(true, "noJournal")]
    [InlineData(false, "noOwner")]
    public async Task Session_that_cannot_be_ended_now_is_refused_with_the_reason_and_its_client_may_try_again(bool noJournal, string reason)
    {
        var sessions = new UnavailableSessions(noJournal, RouteDouble.Session);
        // What an end touches afterwards is not there: nothing may be given back of a session that goes on.
        var endpoint = new SessionEndpoint(new SessionLookup(sessions), sessions, null!, null!, null!, TimeProvider.System);
        var http = new DefaultHttpContext();
        http.Request.Headers["Mcp-Session-Id"] = RouteDouble.Session.Id;
        using var body = new MemoryStream();
        http.Response.Body = body;

        await endpoint.DeleteAsync(http, new RouteDouble());

        http.Response.StatusCode.ShouldBe(503);
        http.Response.Headers.RetryAfter.ShouldNotBeEmpty();
        ((string?)JsonNode.Parse(body.ToArray())!["error"]!["data"]!["reason"]).ShouldBe(reason);
    }
}
