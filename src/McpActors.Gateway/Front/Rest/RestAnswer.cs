using System.Buffers;
using McpActors.Core.Protocol.Errors;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Gateway.Front.Http;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Rest;

/// <summary>The answer to a plain HTTP call: the members of the result that a program needs, or problem details.</summary>
internal sealed class RestAnswer(HttpResponse response, string server, string tool) : IDownstreamWriter
{
    /// <inheritdoc />
    public bool Started => response.HasStarted;

    /// <inheritdoc />
    public bool TakesMessages => false;

    /// <inheritdoc />
    public ValueTask MessageAsync(ReadOnlySequence<byte> body, SplicePlan? splices, CancellationToken ct) => default;

    /// <inheritdoc />
    public async ValueTask ResponseAsync(DownstreamAnswer answer, CancellationToken ct)
    {
        if (answer.Envelope.Kind == JsonRpcKind.ErrorResponse)
        {
            await ErrorAsync(FromServer(answer), ct);
            return;
        }

        var result = answer.Envelope.Result;
        if (result.IsInputRequired)
        {
            await ErrorAsync(GatewayErrors.NeedsInput(server, tool), ct);
            return;
        }

        using var body = new PooledBuffer();
        body.Write("{\"content\":"u8);
        Append(body, answer.Body, result.Content, "[]"u8);
        if (!result.StructuredContent.IsNone)
        {
            body.Write(",\"structuredContent\":"u8);
            Append(body, answer.Body, result.StructuredContent, default);
        }

        body.Write(result.IsError ? ",\"isError\":true}"u8 : ",\"isError\":false}"u8);
        await JsonBody.WriteAsync(response, StatusCodes.Status200OK, body.Sequence, null, ct);
    }

    /// <inheritdoc />
    public ValueTask ErrorAsync(GatewayError error, CancellationToken ct) => JsonBody.WriteProblemAsync(response, error);

    /// <summary>A JSON-RPC error of the server as a problem: its code, its words.</summary>
    private GatewayError FromServer(in DownstreamAnswer answer)
    {
        var code = answer.Envelope.ErrorCode;
        var text = RawJson.Text(answer.Body, answer.Envelope.ErrorMessage) ?? "the server gave no reason";
        return new GatewayError(code, $"Server '{server}' refused '{tool}': {text}")
        {
            RestStatus = code == McpErrorCodes.InvalidParams ? StatusFor(text) : StatusCodes.Status502BadGateway,
            Server = server,
            Tool = tool,
        };
    }

    /// <summary>Servers have one code for an unknown tool and for wrong arguments; only their words tell which.</summary>
    private static int StatusFor(string text) =>
        text.Contains("unknown tool", StringComparison.OrdinalIgnoreCase) || text.Contains("not found", StringComparison.OrdinalIgnoreCase)
            ? StatusCodes.Status404NotFound
            : StatusCodes.Status422UnprocessableEntity;

    private static void Append(PooledBuffer target, in ReadOnlySequence<byte> body, ByteRange range, ReadOnlySpan<byte> absent)
    {
        if (range.IsNone)
            target.Write(absent);
        else
            target.Write(range.In(body));
    }
}
