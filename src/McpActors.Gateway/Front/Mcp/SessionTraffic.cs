using System.Buffers;
using System.Text;
using McpActors.Cluster.Sessions;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Sessions;
using McpActors.Gateway.Nodes;
using McpActors.Gateway.Pipeline;
using McpActors.Transports;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>What a legacy session sends beside requests to the server: cancellations, answers to the server, its log level.</summary>
internal sealed partial class SessionTraffic(
    ISessions sessions, ServerRequests asked, ConnectionRegistry connections, RemoteConnections remotes, InFlightCalls inFlight, ILogger<SessionTraffic> log)
{
    private static readonly ReadOnlySequence<byte> EmptyResult = new("{}"u8.ToArray());

    /// <summary>The calls that can be cancelled.</summary>
    public InFlightCalls InFlight => inFlight;

    /// <summary>Takes a notification, or an answer to a server's request. Never fails: the client hears 202 in any case.</summary>
    public async ValueTask AcceptAsync(IMcpRoute route, McpMessage message, CancellationToken ct)
    {
        var session = message.Caller.Session!;
        if (message.Envelope.Kind != JsonRpcKind.Notification)
        {
            await AnswerServerAsync(session, message, ct);
            return;
        }

        if (message.Envelope.Method != McpMethod.CancelledNotification)
        {
            await route.NotificationAsync(message, ct);
            return;
        }

        var request = message.Envelope.Params.RequestId;
        if (!request.IsNone)
            inFlight.Cancel(session.Id, Encoding.UTF8.GetString(request.In(message.Body)));
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
        catch (SessionUnavailableException)
        {
            await answer.ErrorAsync(GatewayErrors.SessionUnavailable(), CancellationToken.None);
        }
    }

    private async ValueTask AnswerServerAsync(SessionInfo session, McpMessage message, CancellationToken ct)
    {
        var id = message.Envelope.Id;
        var request = id.Length is 0 or > 20 ? null : asked.Take(session.Id, id.In(message.Body).ToArray());
        if (request is null || (connections.Find(request.Connection) ?? remotes.Known(request.Connection)) is not { } connection)
        {
            AnswerToNobody(session.Id);
            return;
        }

        using var splices = new SplicePlan();
        splices.ReplaceWith(id, request.UpstreamId);
        using var body = splices.Apply(message.Body);
        try
        {
            await connection.PostAsync(body.Sequence, ct);
        }
        catch (UpstreamException e)
        {
            AnswerLost(session.Id, e.Message);
        }
    }

    [LoggerMessage(2101, LogLevel.Debug, "Session {Session} answered a request of a server that nobody waits for.")]
    private partial void AnswerToNobody(string session);

    [LoggerMessage(2102, LogLevel.Warning, "The answer of session {Session} to a request of the server was lost: {Reason}")]
    private partial void AnswerLost(string session, string reason);
}
