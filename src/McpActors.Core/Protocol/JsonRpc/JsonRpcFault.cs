namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>Why bytes are no JSON-RPC message.</summary>
/// <param name="Code">-32700: no JSON; -32600: JSON, but no message that may pass.</param>
/// <param name="Message">The rule and the position, for the sender. Holds nothing of the message but a shortened member name.</param>
/// <param name="Position">The byte where the rule was broken.</param>
public readonly record struct JsonRpcFault(int Code, string Message, int Position);

/// <summary>What a scan found.</summary>
public enum JsonRpcScanKind : byte
{
    /// <summary>Nothing that may pass; see <see cref="JsonRpcScan.Fault"/>.</summary>
    Fault,

    /// <summary>One message.</summary>
    Message,

    /// <summary>A non-empty array of values, each to be scanned by itself; only 2025-03-26 has those.</summary>
    Batch,
}

/// <summary>The outcome of a scan.</summary>
public readonly struct JsonRpcScan
{
    private readonly JsonRpcEnvelope? _envelope;
    private readonly JsonRpcFault _fault;

    internal JsonRpcScan(JsonRpcScanKind kind, JsonRpcEnvelope envelope)
    {
        Kind = kind;
        _envelope = envelope;
    }

    internal JsonRpcScan(JsonRpcFault fault, ByteRange id)
    {
        Kind = JsonRpcScanKind.Fault;
        _fault = fault;
        FaultId = id;
    }

    /// <summary>What was found.</summary>
    public JsonRpcScanKind Kind { get; }

    /// <summary>Whether it is one message.</summary>
    public bool IsMessage => Kind == JsonRpcScanKind.Message;

    /// <summary>The message.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public JsonRpcEnvelope Envelope => IsMessage ? _envelope! : throw new InvalidOperationException($"No message: {Kind} {_fault.Message}");

    /// <summary>What is wrong, when something is.</summary>
    public JsonRpcFault Fault => _fault;

    /// <summary>The id of a faulty message, if one had been read, so that the error can carry it.</summary>
    public ByteRange FaultId { get; }
}
