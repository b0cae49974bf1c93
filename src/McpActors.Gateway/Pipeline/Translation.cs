using System.Buffers;
using McpActors.Core.Protocol.Bridging;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;

namespace McpActors.Gateway.Pipeline;

/// <summary>
/// Plans the changes of the messages of one call: what the bridge between the revisions asks for, and the ids of this hop. It contains no rule
/// about a revision of its own.
/// </summary>
internal static class Translation
{
    /// <summary>Makes the request for the upstream.</summary>
    public static UpstreamRequest Request(Attempt attempt, IUpstreamConnection connection, ServerProtocol.Admitted admitted)
    {
        var call = attempt.Call;
        var id = connection.NextRequestId();
        var session = call.Caller.Session;
        var trace = CallTracing.Current();
        var context = new RequestContext
        {
            Caller = call.Caller.Revision,
            Upstream = connection.Peer.Revision,
            Id = id,
            ClientInfo = session?.Profile.ClientInfo ?? default,
            LogLevel = session?.LogLevel is { } level ? LogLevels.Text(level) : null,
            TraceParent = trace?.Id,
            TraceState = trace?.TraceStateString,
            Remaining = call.HasOwnTime ? admitted.AttemptTimeout : null,
            Target = call.Renamed.IsNone ? null : call.Target,
        };
        RequestTranslator.Translate(context, call.Body, call.Envelope, attempt.Up);
        return new UpstreamRequest
        {
            Body = call.Body,
            Splices = attempt.Up,
            Scratch = attempt.Scratch,
            Id = id,
            Method = call.Method,
            CustomMethod = call.Method == McpMethod.Unknown ? call.MethodName : null,
            Name = call.Target,
            ParamHeaders = call.IsToolCall && connection.Peer.Revision.NeedsMethodHeaders ? ArgumentHeaders.For(call, admitted.Tool) : null,
        };
    }

    /// <summary>Plans a notification of the server for the client; false when it is none of the client's business.</summary>
    public static bool Notification(DownstreamCall call, in UpstreamMessage message, long id, SplicePlan plan)
    {
        switch (message.Envelope.Method)
        {
            case McpMethod.ProgressNotification:
                // The token on this hop is our id. A client that asked for no progress must not get any.
                if (call.Envelope.Meta.ProgressToken.IsNone || RawJson.Integer(message.Body, message.Envelope.Params.ProgressToken) != id)
                    return false;
                plan.Replace(message.Envelope.Params.ProgressToken, call.Envelope.Meta.ProgressToken.In(call.Body).ToArray());
                return true;
            case McpMethod.MessageNotification:
                return LogLevels.Wants(call, message);
            default:
                return true;
        }
    }

    /// <summary>Plans the server's answer for the client. A refusal, when the client's revision has no form for it.</summary>
    public static ResultOutcome Answer(DownstreamCall call, PeerInfo peer, in UpstreamMessage message, SplicePlan plan) =>
        ResultTranslator.Translate(
            new ResultContext
            {
                Upstream = peer.Revision,
                Caller = call.Caller.Revision,
                Method = call.Method,
                Id = IdOf(call),
                ServerInfo = peer.ServerInfo,
            },
            message.Body, message.Envelope, plan);

    /// <summary>The client's id as memory: without a copy where it lies in one block, as it nearly always does.</summary>
    internal static ReadOnlyMemory<byte> IdOf(DownstreamCall call)
    {
        var id = call.Envelope.Id.In(call.Body);
        return id.IsSingleSegment ? id.First : id.ToArray();
    }
}
