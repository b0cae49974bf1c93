using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Gateway.Pipeline;

/// <summary>Collects the answer of one call in memory, without what comes before it: for batches and for refreshes that nobody waits for.</summary>
internal sealed class BufferAnswer(ReadOnlySequence<byte> id) : IDownstreamWriter
{
    /// <summary>The response.</summary>
    public PooledBuffer Buffer { get; } = new();

    /// <inheritdoc />
    public bool Started => Buffer.Length > 0;

    /// <inheritdoc />
    public bool TakesMessages => false;

    /// <inheritdoc />
    public ValueTask MessageAsync(ReadOnlySequence<byte> body, SplicePlan? splices, CancellationToken ct) => default;

    /// <inheritdoc />
    public ValueTask ResponseAsync(DownstreamAnswer answer, CancellationToken ct)
    {
        if (answer.Splices is not null)
            answer.Splices.WriteTo(answer.Body, Buffer);
        else
            Buffer.Write(answer.Body);
        return default;
    }

    /// <inheritdoc />
    public ValueTask ErrorAsync(GatewayError error, CancellationToken ct)
    {
        ErrorJson.WriteRpc(Buffer, id, error, error.TraceId ?? CallTracing.TraceId());
        return default;
    }
}
