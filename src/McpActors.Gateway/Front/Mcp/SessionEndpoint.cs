using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Sessions;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Sessions;
using McpActors.Gateway.Front.Http;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>GET and DELETE of an MCP endpoint: the stream and the end of a legacy session. The newest revision has neither.</summary>
internal sealed class SessionEndpoint(
    SessionLookup sessions, ISessions store, SessionStreams streams, IServerCalls servers, IDrain drain, TimeProvider time)
{
    /// <summary>Opens the stream for messages that belong to no request.</summary>
    public async Task GetAsync(HttpContext http, IMcpRoute route)
    {
        if (IsStateless(http.Request))
        {
            await McpEndpoint.MethodNotAllowedAsync(http, "POST");
            return;
        }

        if (!Accepts.Events(http.Request.Headers.Accept))
        {
            await JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.Protocol(406, "Accept must name text/event-stream."));
            return;
        }

        var (session, error) = await sessions.FindAsync(http, route);
        if (session is null)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, error!);
            return;
        }

        using var stream = streams.Attach(session.Id, session.Route);
        if (stream is null)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.Protocol(429, "This session has too many open streams; close one."));
            return;
        }

        await RelayAsync(http, stream);
    }

    /// <summary>Ends the session.</summary>
    public async Task DeleteAsync(HttpContext http, IMcpRoute route)
    {
        if (IsStateless(http.Request))
        {
            await McpEndpoint.MethodNotAllowedAsync(http, "POST");
            return;
        }

        var (session, error) = await sessions.FindAsync(http, route);
        if (session is null)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, error!);
            return;
        }

        try
        {
            await store.CloseAsync(session.Id, SessionEnd.Closed, http.RequestAborted);
        }
        catch (SessionUnavailableException unavailable)
        {
            await JsonBody.WriteErrorAsync(http.Response, default, GatewayErrors.From(unavailable));
            return;
        }

        if (route is ServerMcpRoute single)
            servers.ReleaseSlot(single.Server.Id, session.Slot);
        else
            servers.ReleaseSlots(session.Slot);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task RelayAsync(HttpContext http, SessionStream stream)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, drain.Started);
        await using var events = await SseStream.OpenAsync(http.Response, time, flush: true);
        try
        {
            while (await stream.WaitToReadAsync(ends.Token))
            {
                while (stream.TryRead(out var message))
                    await events.WriteAsync(new(message), null, ends.Token);
            }
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The client left, or the node does: the stream simply ends and the client opens another.
        }
    }

    private static bool IsStateless(HttpRequest request) =>
        ProtocolRevision.TryParse(request.Headers[McpHeaders.ProtocolVersion], out var revision) && !revision.HasGetStream;
}
