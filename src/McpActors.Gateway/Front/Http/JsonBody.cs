using System.Buffers;
using System.Runtime.CompilerServices;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Http;

/// <summary>Writes one JSON body with its length, so that it needs no chunks.</summary>
internal static class JsonBody
{
    /// <summary>Writes a message with its changes.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask WriteAsync(
        HttpResponse response, int status, ReadOnlySequence<byte> body, SplicePlan? splices, CancellationToken ct)
    {
        response.StatusCode = status;
        response.ContentType ??= "application/json";
        response.ContentLength = splices?.OutputLength(body.Length) ?? body.Length;
        if (splices is not null)
            splices.WriteTo(body, response.BodyWriter);
        else
            Copy(body, response.BodyWriter);
        await response.BodyWriter.FlushAsync(ct);
    }

    /// <summary>Writes a JSON-RPC error of the gateway.</summary>
    public static async ValueTask WriteErrorAsync(HttpResponse response, ReadOnlySequence<byte> id, GatewayError error)
    {
        using var body = new PooledBuffer();
        ErrorJson.WriteRpc(body, id, error, error.TraceId ?? CallTracing.TraceId());
        if (error.RetryAfter is { } wait)
            response.Headers.RetryAfter = Security.ProblemWriter.RetryAfterText(wait);
        await WriteAsync(response, error.HttpStatus, body.Sequence, null, CancellationToken.None);
    }

    /// <summary>Writes problem details.</summary>
    public static async ValueTask WriteProblemAsync(HttpResponse response, GatewayError error)
    {
        using var body = new PooledBuffer();
        ErrorJson.WriteProblem(body, error, error.TraceId ?? CallTracing.TraceId());
        if (error.RetryAfter is { } wait)
            response.Headers.RetryAfter = Security.ProblemWriter.RetryAfterText(wait);
        response.ContentType = "application/problem+json";
        await WriteAsync(response, error.RestStatus, body.Sequence, null, CancellationToken.None);
    }

    private static void Copy(in ReadOnlySequence<byte> body, IBufferWriter<byte> target)
    {
        foreach (var segment in body)
            target.Write(segment.Span);
    }
}
