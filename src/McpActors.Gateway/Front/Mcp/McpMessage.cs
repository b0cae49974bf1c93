using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>One scanned message of a client.</summary>
/// <param name="Envelope">Where its parts are.</param>
/// <param name="Body">Its bytes.</param>
/// <param name="Caller">Who sent it.</param>
internal readonly record struct McpMessage(JsonRpcEnvelope Envelope, ReadOnlySequence<byte> Body, Caller Caller)
{
    /// <summary>The headers it came with, where the revision gives them a meaning.</summary>
    public IHeaderDictionary? Headers { get; init; }

    /// <summary>The id as it was written; empty for a notification.</summary>
    public ReadOnlySequence<byte> Id => Envelope.Id.IsNone ? ReadOnlySequence<byte>.Empty : Envelope.Id.In(Body);

    /// <summary>The method's name.</summary>
    public string MethodName => Envelope.MethodText(Body);
}
