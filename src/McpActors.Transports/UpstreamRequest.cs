using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports;

/// <summary>A request for an upstream: the caller's bytes, what is spliced into them, and what the transport must know of it.</summary>
public sealed class UpstreamRequest
{
    /// <summary>The message as it came. Its memory stays untouched until the exchange is disposed, or the send has failed.</summary>
    public required ReadOnlySequence<byte> Body { get; init; }

    /// <summary>The changes to make while it is written; null: none.</summary>
    public SplicePlan? Splices { get; init; }

    /// <summary>Its id on the wire, from <see cref="IUpstreamConnection.NextRequestId"/>; the message carries it (by the splices) as its id and as its progress token.</summary>
    public required long Id { get; init; }

    /// <summary>Its method.</summary>
    public required McpMethod Method { get; init; }

    /// <summary>The method's name where no revision defines it.</summary>
    public string? CustomMethod { get; init; }

    /// <summary>The method's name on the wire, for <c>Mcp-Method</c>.</summary>
    public string MethodName => CustomMethod ?? Method.Text();

    /// <summary>The tool, prompt, URI or task it names, decoded, for <c>Mcp-Name</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Arguments that the tool's schema wants repeated as headers: full header names, values ready for the wire.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? ParamHeaders { get; init; }

    /// <summary>An envelope that the sender lends for the response, until it disposes the exchange; null: the transport makes one.</summary>
    public JsonRpcEnvelope? Scratch { get; init; }

    /// <summary>Whether a byte of it may have reached the server. Set by the transport; true when in doubt.</summary>
    public bool Sent { get; internal set; }
}
