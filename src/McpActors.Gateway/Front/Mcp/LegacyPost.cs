using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using McpActors.Cluster.Sessions;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Gateway.Front.Http;
using McpActors.Gateway.Front.Security;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>POSTs of clients that open a session with <c>initialize</c>.</summary>
internal sealed class LegacyPost(
    FrontSettings settings, SessionLookup lookup, ISessions sessions, SessionTraffic traffic, TimeProvider time)
{
    /// <summary>Answers one message.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask HandleAsync(HttpContext http, IMcpRoute route, ReadOnlySequence<byte> body, JsonRpcEnvelope envelope)
    {
        if (envelope.Kind == JsonRpcKind.Request && envelope.Method == McpMethod.Initialize)
        {
            await InitializeAsync(http, route, new McpMessage(envelope, body, default));
            return;
        }

        var (session, error) = await lookup.FindAsync(http, route);
        if (session is null)
        {
            await JsonBody.WriteErrorAsync(http.Response, IdOf(envelope, body), error!);
            return;
        }

        var message = new McpMessage(envelope, body, new Caller(session.ProtocolRevision, session, session.Principal));
        if (envelope.Kind == JsonRpcKind.Request)
        {
            await using var answer = new HttpAnswer(http, message.Id, modern: false, time);
            await RequestAsync(route, message, answer);
            return;
        }

        await traffic.AcceptAsync(route, message, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    /// <summary>Answers an array of messages, which one revision has.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask BatchAsync(HttpContext http, IMcpRoute route, ReadOnlySequence<byte> body)
    {
        var (session, error) = await lookup.FindAsync(http, route);
        if (session is null)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, error!);
            return;
        }

        if (!session.ProtocolRevision.AllowsBatches)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.InvalidRequest("the revision of this session has no batches."));
            return;
        }

        await new BatchPost(settings, this, traffic).HandleAsync(http, route, body, new Caller(session.ProtocolRevision, session, session.Principal));
    }

    /// <summary>Runs a request. The client's leaving does not end it, only its <c>notifications/cancelled</c> does, or its deadline.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask RequestAsync(IMcpRoute route, McpMessage message, IDownstreamWriter answer)
    {
        var session = message.Caller.Session!;
        switch (message.Envelope.Method)
        {
            case McpMethod.Ping:
                await SessionTraffic.EmptyResultAsync(message, answer);
                return;
            case McpMethod.LoggingSetLevel:
                await traffic.SetLevelAsync(message, answer);
                return;
            case McpMethod.Initialize:
                await answer.ErrorAsync(GatewayErrors.InvalidRequest("initialize stands alone."), CancellationToken.None);
                return;
        }

        var rawId = Encoding.UTF8.GetString(message.Id);
        using var cancel = new CancellationTokenSource();
        traffic.InFlight.Add(session.Id, rawId, cancel);
        try
        {
            await route.RequestAsync(message, answer, cancel.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Its client wants no answer any more, and gets none.
        }
        finally
        {
            traffic.InFlight.Remove(session.Id, rawId, cancel);
        }
    }

    private async Task InitializeAsync(HttpContext http, IMcpRoute route, McpMessage message)
    {
        var (peer, error) = await route.DescribeAsync(http.RequestAborted);
        if (peer is null)
        {
            await JsonBody.WriteErrorAsync(http.Response, message.Id, error!);
            return;
        }

        var profile = Handshake.ProfileOf(message);
        try
        {
            var session = await sessions.OpenAsync(new SessionOpen(route.SessionRoute, profile, http.Principal()), http.RequestAborted);
            http.Response.Headers[McpHeaders.SessionId] = session.Id;
        }
        catch (SessionRefusedException refused)
        {
            await JsonBody.WriteErrorAsync(http.Response, message.Id, GatewayErrors.SessionRefused(refused.Message, refused.RetryAfter));
            return;
        }
        catch (SessionUnavailableException unavailable)
        {
            await JsonBody.WriteErrorAsync(http.Response, message.Id, GatewayErrors.From(unavailable));
            return;
        }

        using var result = new PooledBuffer();
        Handshake.WriteInitialize(result, message.Id, peer, profile.Revision);
        await JsonBody.WriteAsync(http.Response, StatusCodes.Status200OK, result.Sequence, null, http.RequestAborted);
    }

    private static ReadOnlySequence<byte> IdOf(JsonRpcEnvelope envelope, in ReadOnlySequence<byte> body) =>
        envelope.Kind == JsonRpcKind.Request ? envelope.Id.In(body) : default;
}
