using System.Buffers;
using McpActors.Core.Configuration;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Deadlines;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Gateway.Pipeline;

/// <summary>One call of a client to one server: the bytes as they came, where their parts are, and what was decided about them.</summary>
internal sealed class DownstreamCall
{
    /// <summary>The server it goes to.</summary>
    public required ServerModel Server { get; init; }

    /// <summary>Who calls.</summary>
    public required Caller Caller { get; init; }

    /// <summary>Where the parts of <see cref="Body"/> are.</summary>
    public required JsonRpcEnvelope Envelope { get; init; }

    /// <summary>The message as the client wrote it; what was checked is what is forwarded.</summary>
    public required ReadOnlySequence<byte> Body { get; init; }

    /// <summary>The tool, prompt or resource, by the name that the server knows.</summary>
    public required string? Target { get; init; }

    /// <summary>Where the client wrote another name for <see cref="Target"/>, which is rewritten on the way; none when it knows the same name.</summary>
    public ByteRange Renamed { get; init; }

    /// <summary>Which upstream session or process it uses.</summary>
    public required SlotKey Slot { get; init; }

    /// <summary>Its time.</summary>
    public required CallDeadline Deadline { get; init; }

    /// <summary>The headers it came with, where the revision gives them a meaning.</summary>
    public IHeaderDictionary? Headers { get; init; }

    /// <summary>Whether the caller gave a time of its own.</summary>
    public bool HasOwnTime { get; init; }

    /// <summary>The caller's trace context, W3C.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The rest of the caller's trace context.</summary>
    public string? TraceState { get; init; }

    /// <summary>What the client said of itself, where its upstream session has to know it.</summary>
    public ClientProfile? Profile { get; init; }

    /// <summary>Whether the call renews a cached result in the background.</summary>
    public bool IsRefresh { get; init; }

    /// <summary>Under which the result may be shared; null: not at all.</summary>
    public CacheKey? CacheKey { get; set; }

    /// <summary>The method.</summary>
    public McpMethod Method => Envelope.Method;

    /// <summary>The method's name on the wire.</summary>
    public string MethodName => Envelope.MethodText(Body);

    /// <summary>The server's id as text.</summary>
    public string ServerName => Server.Id.Value;

    /// <summary>Whether a tool is called.</summary>
    public bool IsToolCall => Envelope.Method == McpMethod.ToolsCall;
}
