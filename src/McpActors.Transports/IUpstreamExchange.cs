using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Transports;

/// <summary>One request in flight.</summary>
public interface IUpstreamExchange : IAsyncDisposable
{
    /// <summary>
    /// The next message: notifications about this request and requests of the server (but <c>ping</c>) as they come, and at last the response.
    /// One reader at a time.
    /// </summary>
    /// <exception cref="UpstreamException">There will be no valid response.</exception>
    ValueTask<UpstreamMessage> ReadAsync(CancellationToken ct);
}

/// <summary>A message of the server. Its bytes are valid until the next read or the disposal of its exchange.</summary>
/// <param name="Envelope">Its head.</param>
/// <param name="Body">The whole message.</param>
public readonly record struct UpstreamMessage(JsonRpcEnvelope Envelope, ReadOnlySequence<byte> Body);
