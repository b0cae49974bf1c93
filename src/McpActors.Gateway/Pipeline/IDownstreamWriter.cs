using System.Buffers;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Gateway.Pipeline;

/// <summary>
/// Where the messages of one call go: an HTTP response, a part of a batch, plain HTTP, or nowhere. Bytes are valid only while a method runs.
/// One caller at a time.
/// </summary>
internal interface IDownstreamWriter
{
    /// <summary>Whether anything of the answer has left: then there is no other attempt, and no other HTTP status.</summary>
    bool Started { get; }

    /// <summary>Whether the client hears what comes before the result.</summary>
    bool TakesMessages { get; }

    /// <summary>Sends a message before the result: a notification about the call or a request of the server.</summary>
    /// <param name="body">The message as the server wrote it.</param>
    /// <param name="splices">What is changed on the way.</param>
    /// <param name="ct">Gives up.</param>
    ValueTask MessageAsync(ReadOnlySequence<byte> body, SplicePlan? splices, CancellationToken ct);

    /// <summary>Sends the response and ends the answer.</summary>
    /// <param name="answer">The response, its head and its changes.</param>
    /// <param name="ct">Gives up.</param>
    ValueTask ResponseAsync(DownstreamAnswer answer, CancellationToken ct);

    /// <summary>Sends an error of the gateway and ends the answer.</summary>
    ValueTask ErrorAsync(GatewayError error, CancellationToken ct);
}

/// <summary>A response for a client.</summary>
/// <param name="Envelope">Where its parts are in <paramref name="Body"/>.</param>
/// <param name="Body">The message as the server wrote it.</param>
/// <param name="Splices">What is changed on the way.</param>
internal readonly record struct DownstreamAnswer(JsonRpcEnvelope Envelope, ReadOnlySequence<byte> Body, SplicePlan? Splices);
