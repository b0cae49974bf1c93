using System.Buffers;
using McpActors.Cluster.Sessions;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Sessions;
using McpActors.Gateway.Nodes;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>What a legacy session sends beside requests to the server: cancellations, answers to the server, its log level.</summary>
internal sealed partial class SessionTraffic(
    ISessions sessions, SessionReplies replies, SessionRelay relay, InFlightCalls inFlight, ILogger<SessionTraffic> log)
{
    private static readonly ReadOnlySequence<byte> EmptyResult = new("{}"u8.ToArray());

    /// <summary>The calls that can be cancelled.</summary>
    public InFlightCalls InFlight => inFlight;

    /// <summary>Takes a notification, or an answer to a server's request. Never fails: the client hears 202 in any case.</summary>
    public async ValueTask AcceptAsync(IMcpRoute route, McpMessage message, CancellationToken ct)
    {
        var session = message.Caller.Session!;
        if (message.Envelope.Kind == JsonRpcKind.Notification && message.Envelope.Method != McpMethod.CancelledNotification)
            await route.NotificationAsync(message, ct);
        else
            await TakeAsync(session.Id, message, ct);
    }

    /// <summary>Answers <c>{}</c>.</summary>
    public static async ValueTask EmptyResultAsync(McpMessage message, IDownstreamWriter answer)
    {
        using var body = new PooledBuffer();
        JsonRpcWriter.Result(body, message.Id, EmptyResult);
        await answer.ResponseAsync(new DownstreamAnswer(message.Envelope, body.Sequence, null), CancellationToken.None);
    }

    /// <summary>Remembers how much of servers' logs the session wants.</summary>
    public async ValueTask SetLevelAsync(McpMessage message, IDownstreamWriter answer)
    {
        var text = RawJson.Text(message.Body, message.Envelope.Params.Level);
        if (!LogLevels.TryParse(text, out var level))
        {
            await answer.ErrorAsync(GatewayErrors.InvalidParams("level must be one of debug, info, notice, warning, error, critical, alert, emergency."), CancellationToken.None);
            return;
        }

        try
        {
            await sessions.SetLogLevelAsync(message.Caller.Session!.Id, level, CancellationToken.None);
            await EmptyResultAsync(message, answer);
        }
        catch (SessionUnavailableException unavailable)
        {
            await answer.ErrorAsync(GatewayErrors.From(unavailable), CancellationToken.None);
        }
    }

    private async ValueTask TakeAsync(string session, McpMessage message, CancellationToken ct)
    {
        if (!await replies.TryAsync(session, message.Envelope, message.Body, ct) && !await relay.SendAsync(session, message.Body, ct))
            ForNobody(SessionHandle.Of(session));
    }

    [LoggerMessage(2101, LogLevel.Debug, "Session {Session} answered a request, or cancelled a call, that is not under way anywhere.")]
    private partial void ForNobody(string session);
}
