using System.Buffers;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Transports;

namespace McpActors.Gateway.Pipeline;

/// <summary>
/// Requests that a server makes in the middle of a call (elicitation, sampling, roots): passed on to the client when it is the one session behind
/// the upstream session, refused otherwise, so that nobody answers for somebody else.
/// </summary>
internal sealed class ServerAsks(ServerRequests requests)
{
    /// <summary>Passes a request on, or refuses it.</summary>
    public async ValueTask AskAsync(
        Attempt attempt, IUpstreamConnection connection, UpstreamMessage message, IDownstreamWriter writer, CancellationToken ct)
    {
        var session = attempt.Call.Caller.Session;
        if (session is null || !writer.TakesMessages || attempt.Call.Slot != session.Slot
            || !requests.TryAdd(new ServerRequest(session.Id, connection.Id, message.Envelope.Id.In(message.Body).ToArray()), out var id))
        {
            await RefuseAsync(connection, message, ct);
            return;
        }

        attempt.Ask(id);
        attempt.Down.Replace(message.Envelope.Id, id);
        await writer.MessageAsync(message.Body, attempt.Down, ct);
    }

    /// <summary>Forgets what was asked in an attempt that is over.</summary>
    public void Forget(Attempt attempt)
    {
        foreach (var id in attempt.Asked)
            requests.Remove(id);
    }

    private static async ValueTask RefuseAsync(IUpstreamConnection connection, UpstreamMessage message, CancellationToken ct)
    {
        using var answer = new PooledBuffer();
        JsonRpcWriter.Error(answer, message.Envelope.Id.In(message.Body), McpErrorCodes.MethodNotFound, "The client of this call cannot be asked.");
        await connection.PostAsync(answer.Sequence, ct);
    }
}
