using System.Buffers;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Gateway.Front.Security;

namespace McpActors.Gateway.Pipeline;

/// <summary>Writes a <see cref="GatewayError"/> as a JSON-RPC error and as problem details.</summary>
internal static class ErrorJson
{
    /// <summary>Writes a JSON-RPC error response.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="id">The request's id as it was written; empty when it is unknown.</param>
    /// <param name="error">The error.</param>
    /// <param name="traceId">What the log has too.</param>
    public static void WriteRpc(IBufferWriter<byte> target, in ReadOnlySequence<byte> id, GatewayError error, string traceId)
    {
        using var json = new Utf8JsonWriter(target, JsonRpcWriter.Options);
        json.WriteStartObject();
        json.WriteString("jsonrpc"u8, "2.0"u8);
        json.WritePropertyName("id"u8);
        if (id.IsEmpty)
            json.WriteNullValue();
        else
            json.WriteRawValue(id, skipInputValidation: true);
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        json.WriteStartObject("data"u8);
        WriteData(json, error, traceId);
        if (error.Status is { } status)
            json.WriteNumber("status"u8, status);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes problem details (RFC 9457) with the error's data as extension members.</summary>
    public static void WriteProblem(IBufferWriter<byte> target, GatewayError error, string traceId)
    {
        using var json = new Utf8JsonWriter(target, JsonRpcWriter.Options);
        json.WriteStartObject();
        json.WriteString("type"u8, "about:blank"u8);
        json.WriteString("title"u8, ProblemWriter.Title(error.RestStatus));
        json.WriteNumber("status"u8, error.RestStatus);
        json.WriteString("detail"u8, error.Message);
        json.WriteNumber("code"u8, error.Code);
        WriteData(json, error, traceId);
        // "status" is the problem's own member.
        if (error.Status is { } status)
            json.WriteNumber("upstreamStatus"u8, status);
        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, GatewayError error, string traceId)
    {
        json.WriteString("origin"u8, "mcpactors"u8);
        json.WriteString("traceId"u8, traceId);
        WriteText(json, "server"u8, error.Server);
        WriteText(json, "tool"u8, error.Tool);
        WriteText(json, "reason"u8, error.Reason);
        WriteText(json, "phase"u8, error.Phase);
        WriteText(json, "outcome"u8, error.Outcome);
        WriteText(json, "what"u8, error.What);
        WriteText(json, "suggestion"u8, error.Suggestion);
        WriteText(json, "uri"u8, error.Uri);
        WriteText(json, "requested"u8, error.Requested);
        if (error.Since is { } since)
            json.WriteString("since"u8, since);
        if (error.RetryAfter is { } wait)
            json.WriteNumber("retryAfterMs"u8, (long)Math.Ceiling(Math.Max(0, wait.TotalMilliseconds)));
        if (error.Elapsed is { } elapsed)
            json.WriteNumber("elapsedMs"u8, (long)elapsed.TotalMilliseconds);
        if (error.Supported is { } supported)
        {
            json.WriteStartArray("supported"u8);
            foreach (var revision in supported)
                json.WriteStringValue(revision);
            json.WriteEndArray();
        }
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }
}
