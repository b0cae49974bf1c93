using System.Buffers;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Transports;

namespace McpActors.Cluster.Servers;

/// <summary>Requests that the gateway makes as itself and not for a client.</summary>
internal static class OwnRequests
{
    private static readonly byte[] ClientInfo = """{"name":"mcpactors","version":"1"}"""u8.ToArray();

    /// <summary>Sends a request without arguments but a cursor, and gives its result.</summary>
    /// <exception cref="RequestRefusedException">The server answered with a JSON-RPC error.</exception>
    /// <exception cref="UpstreamException">The attempt failed.</exception>
    public static async Task<byte[]> AskAsync(IUpstreamConnection connection, McpMethod method, string? cursor, CancellationToken ct)
    {
        var id = connection.NextRequestId();
        var request = new UpstreamRequest
        {
            Body = new ReadOnlySequence<byte>(Compose(id, method, cursor, connection.Peer.Revision)),
            Id = id,
            Method = method,
        };
        await using var exchange = await connection.SendAsync(request, ct);
        while (true)
        {
            var message = await exchange.ReadAsync(ct);
            var envelope = message.Envelope;
            switch (envelope.Kind)
            {
                case JsonRpcKind.Response:
                    return envelope.Result.Range.In(message.Body).ToArray();
                case JsonRpcKind.ErrorResponse:
                    throw new RequestRefusedException(envelope.ErrorCode, RawJson.Text(message.Body, envelope.ErrorMessage) ?? "refused");
                case JsonRpcKind.Request:
                    await RefuseAsync(connection, envelope.Id.In(message.Body), ct);
                    break;
                default:
                    // Progress and log messages about a request of our own are for nobody.
                    break;
            }
        }
    }

    private static ValueTask RefuseAsync(IUpstreamConnection connection, ReadOnlySequence<byte> id, CancellationToken ct)
    {
        var answer = new ArrayBufferWriter<byte>(128);
        JsonRpcWriter.Error(answer, id, -32601, "Method not found");
        return connection.PostAsync(new ReadOnlySequence<byte>(answer.WrittenMemory), ct);
    }

    private static ReadOnlyMemory<byte> Compose(long id, McpMethod method, string? cursor, ProtocolRevision revision)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body, JsonRpcWriter.Options))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc"u8, "2.0"u8);
            json.WriteNumber("id"u8, id);
            json.WriteString("method"u8, method.Utf8());
            json.WriteStartObject("params"u8);
            if (cursor is not null)
            {
                json.WriteString("cursor"u8, cursor);
            }

            if (revision.NeedsRequestMeta)
            {
                json.WriteStartObject("_meta"u8);
                json.WriteString(MetaKeys.ProtocolVersion, revision.Text);
                json.WriteStartObject(MetaKeys.ClientCapabilities);
                json.WriteEndObject();
                json.WritePropertyName(MetaKeys.ClientInfo);
                json.WriteRawValue(ClientInfo);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }
}

/// <summary>A server answered with a JSON-RPC error.</summary>
internal sealed class RequestRefusedException(int code, string message) : Exception($"error {code}: {message}")
{
    /// <summary>The error's code.</summary>
    public int Code { get; } = code;
}
