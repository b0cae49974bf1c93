using System.Buffers;
using System.Runtime.CompilerServices;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Gateway.Front.Http;
using McpActors.Gateway.Front.Security;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>POSTs of clients that say with each request who they are. Nothing is remembered between two of them.</summary>
internal sealed class ModernPost(TimeProvider time)
{
    /// <summary>Answers one message.</summary>
    public ValueTask HandleAsync(HttpContext http, IMcpRoute route, ReadOnlySequence<byte> body, JsonRpcEnvelope envelope)
    {
        switch (envelope.Kind)
        {
            case JsonRpcKind.Request:
                return RequestAsync(http, route, new McpMessage(envelope, body, new Caller(ProtocolRevision.NewestModern, Principal: http.Principal())) { Headers = http.Request.Headers });
            case JsonRpcKind.Notification:
                // None has a meaning over HTTP, where leaving the stream cancels; real clients send some all the same.
                http.Response.StatusCode = StatusCodes.Status202Accepted;
                return default;
            default:
                return JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.InvalidRequest("this revision has no responses of clients."));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RequestAsync(HttpContext http, IMcpRoute route, McpMessage message)
    {
        if (ModernRequestCheck.Refusal(http.Request.Headers, message) is { } refusal)
        {
            await JsonBody.WriteErrorAsync(http.Response, message.Id, refusal);
            return;
        }

        await using var answer = new HttpAnswer(http, message.Id, modern: true, time);
        if (message.Envelope.Method == McpMethod.ServerDiscover)
            await DiscoverAsync(route, message, answer, http.RequestAborted);
        else
            await route.RequestAsync(message, answer, http.RequestAborted);
    }

    private static async ValueTask DiscoverAsync(IMcpRoute route, McpMessage message, HttpAnswer answer, CancellationToken ct)
    {
        var (peer, error) = await route.DescribeAsync(ct);
        if (peer is null)
        {
            await answer.ErrorAsync(error!, ct);
            return;
        }

        using var body = new PooledBuffer();
        Handshake.WriteDiscover(body, message.Id, peer);
        await answer.ResponseAsync(new DownstreamAnswer(message.Envelope, body.Sequence, null), ct);
    }
}
