using McpActors.Core.Servers.Upstream;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>What stands behind one MCP endpoint: a server, or all of them.</summary>
internal interface IMcpRoute
{
    /// <summary>The route that sessions opened here belong to.</summary>
    string SessionRoute { get; }

    /// <summary>What the endpoint says of itself to <c>initialize</c> and <c>server/discover</c>; an error when nothing is known.</summary>
    ValueTask<(PeerInfo? Peer, GatewayError? Error)> DescribeAsync(CancellationToken ct);

    /// <summary>Answers a request other than those about the connection itself.</summary>
    ValueTask RequestAsync(McpMessage message, IDownstreamWriter writer, CancellationToken ct);

    /// <summary>Takes a client's notification that is about the server; most are not.</summary>
    ValueTask NotificationAsync(McpMessage message, CancellationToken ct);
}
