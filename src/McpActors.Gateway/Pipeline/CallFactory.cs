using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Deadlines;
using McpActors.Core.Servers.Upstream;
using McpActors.Gateway.Front.Mcp;

namespace McpActors.Gateway.Pipeline;

/// <summary>Makes a call of a message and the server it goes to: its time, its slot, its trace context.</summary>
internal sealed class CallFactory(TimeProvider time)
{
    private static readonly SlotKey AnonymousSlot = SlotKey.ForPrincipal(Caller.Anonymous);

    /// <summary>Makes the call.</summary>
    /// <param name="server">The server.</param>
    /// <param name="message">The message.</param>
    /// <param name="target">The tool, prompt or resource, as the server knows it.</param>
    /// <param name="renamed">Where the message names it otherwise.</param>
    public DownstreamCall Create(ServerModel server, in McpMessage message, string? target, ByteRange renamed = default)
    {
        var envelope = message.Envelope;
        var session = message.Caller.Session;
        var ownTime = GatewayMeta.Timeout(envelope, message.Body);
        return new DownstreamCall
        {
            Server = server,
            Caller = message.Caller,
            Envelope = envelope,
            Body = message.Body,
            Headers = message.Headers,
            Target = target,
            Renamed = renamed,
            Slot = SlotOf(server, message.Caller),
            Profile = session?.Profile,
            Deadline = CallDeadline.From(time.GetUtcNow(), LimitOf(server, envelope.Method, target), ownTime),
            HasOwnTime = ownTime is not null,
            TraceParent = RawJson.Text(message.Body, envelope.Meta.TraceParent),
            TraceState = RawJson.Text(message.Body, envelope.Meta.TraceState),
        };
    }

    /// <summary>
    /// Which upstream session or process a caller uses. Without a setting, stdio servers are shared until callers are known and then have a process for
    /// each; HTTP ones have a session for each client session.
    /// </summary>
    private static SlotKey SlotOf(ServerModel server, in Caller caller)
    {
        var own = caller.Principal is { } principal ? SlotKey.ForPrincipal(principal) : AnonymousSlot;
        var session = caller.Session?.Slot ?? own;
        return server.Isolation switch
        {
            Isolation.Shared => SlotKey.Shared,
            // A process is started for a principal, whatever its clients can do; a session is opened for what one of them can.
            Isolation.Principal => server.Transport == ServerTransport.Stdio ? own : caller.Session?.PooledSlot ?? own,
            Isolation.Session => session,
            _ when server.Transport == ServerTransport.Stdio => caller.Principal is null ? SlotKey.Shared : own,
            _ => session,
        };
    }

    private static TimeSpan LimitOf(ServerModel server, McpMethod method, string? target)
    {
        if (method.Class() == McpMethodClass.List)
            return server.Timeout.List;
        return method == McpMethod.ToolsCall && target is not null ? server.Tool(target).CallTimeout ?? server.Timeout.Call : server.Timeout.Call;
    }
}
