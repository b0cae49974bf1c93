using McpActors.Gateway.Front.Mcp;
using Microsoft.AspNetCore.Http;

namespace McpActors.Gateway.Tests.Front.Mcp;

public sealed class SessionLookupTests
{
    [Theory]
    [InlineData(true, "noJournal")]
    [InlineData(false, "noOwner")]
    public async Task Session_that_cannot_be_found_now_is_refused_with_the_reason_and_not_called_unknown(bool noJournal, string reason)
    {
        var lookup = new SessionLookup(new UnavailableSessions(noJournal));
        var http = new DefaultHttpContext();
        http.Request.Headers["Mcp-Session-Id"] = "s";

        var (session, error) = await lookup.FindAsync(http, new RouteDouble());

        session.ShouldBeNull();
        (error!.HttpStatus, error.Reason).ShouldBe((503, reason));
        error.RetryAfter.ShouldNotBeNull();
    }
}
