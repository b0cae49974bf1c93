using McpActors.Cluster.Sessions;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;
using McpActors.Gateway.Front.Mcp;
using McpActors.Gateway.Pipeline;
using Microsoft.AspNetCore.Http;

namespace McpActors.Gateway.Tests.Front.Mcp;

public sealed class SessionLookupTests
{
    [Theory]
    [InlineData(true, "noJournal")]
    [InlineData(false, "noOwner")]
    public async Task Session_that_cannot_be_found_now_is_refused_with_the_reason_and_not_called_unknown(bool noJournal, string reason)
    {
        var lookup = new SessionLookup(new Unavailable(noJournal));
        var http = new DefaultHttpContext();
        http.Request.Headers["Mcp-Session-Id"] = "s";

        var (session, error) = await lookup.FindAsync(http, new Route());

        session.ShouldBeNull();
        (error!.HttpStatus, error.Reason).ShouldBe((503, reason));
        error.RetryAfter.ShouldNotBeNull();
    }

    private sealed class Unavailable(bool noJournal) : ISessions
    {
        public int Count => 0;

        public ValueTask<SessionInfo?> FindAsync(string id, CancellationToken ct) => throw new SessionUnavailableException("not now") { NoJournal = noJournal };

        public Task<SessionInfo> OpenAsync(SessionOpen open, CancellationToken ct) => throw new NotSupportedException();

        public Task<SessionInfo?> SetLogLevelAsync(string id, SessionLogLevel level, CancellationToken ct) => throw new NotSupportedException();

        public Task<SessionInfo?> SubscribeAsync(string id, ResourceSubscription resource, CancellationToken ct) => throw new NotSupportedException();

        public Task<SessionInfo?> UnsubscribeAsync(string id, ResourceSubscription resource, CancellationToken ct) => throw new NotSupportedException();

        public Task<bool> CloseAsync(string id, SessionEnd reason, CancellationToken ct) => throw new NotSupportedException();

        public void Touch(string id) => throw new NotSupportedException();

        public IReadOnlyList<SessionInfo> List() => [];
    }

    private sealed class Route : IMcpRoute
    {
        public string SessionRoute => "files";

        public ValueTask<(PeerInfo? Peer, GatewayError? Error)> DescribeAsync(CancellationToken ct) => throw new NotSupportedException();

        public ValueTask RequestAsync(McpMessage message, IDownstreamWriter writer, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask NotificationAsync(McpMessage message, CancellationToken ct) => throw new NotSupportedException();
    }
}
