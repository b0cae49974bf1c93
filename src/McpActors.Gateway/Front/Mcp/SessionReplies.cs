using System.Buffers;
using System.Text;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Sessions;
using McpActors.Gateway.Nodes;
using McpActors.Gateway.Pipeline;
using McpActors.Transports;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>What a session says about calls under way on this node: answers to requests of servers, and cancellations.</summary>
internal sealed partial class SessionReplies(
    ServerRequests asked, ConnectionRegistry connections, RemoteConnections remotes, InFlightCalls inFlight, ILogger<SessionReplies> log)
{
    /// <summary>Takes a message in; false when what it is about is not on this node.</summary>
    public async ValueTask<bool> TryAsync(string session, JsonRpcEnvelope envelope, ReadOnlySequence<byte> message, CancellationToken ct)
    {
        if (envelope.Kind == JsonRpcKind.Notification)
        {
            var call = envelope.Params.RequestId;
            return !call.IsNone && inFlight.Cancel(session, Encoding.UTF8.GetString(call.In(message)));
        }

        var id = envelope.Id;
        var request = id.Length is 0 or > 20 ? null : asked.Take(session, id.In(message).ToArray());
        if (request is null || (connections.Find(request.Connection) ?? remotes.Known(request.Connection)) is not { } connection)
            return false;
        using var splices = new SplicePlan();
        splices.ReplaceWith(id, request.UpstreamId);
        using var body = splices.Apply(message);
        try
        {
            await connection.PostAsync(body.Sequence, ct);
        }
        catch (UpstreamException e)
        {
            AnswerLost(SessionHandle.Of(session), e.Message);
        }

        return true;
    }

    [LoggerMessage(2102, LogLevel.Warning, "The answer of session {Session} to a request of the server was lost: {Reason}")]
    private partial void AnswerLost(string session, string reason);
}
