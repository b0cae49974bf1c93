using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>Writes the small messages that the gateway makes itself. Ids are raw JSON, so that value and type stay those of the caller.</summary>
public static class JsonRpcWriter
{
    /// <summary>Escapes only what JSON demands: these bytes are for JSON parsers, never for a page.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary><c>{"jsonrpc":"2.0","id":…,"result":…}</c> around a raw result.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="id">The raw id; empty writes <c>null</c>.</param>
    /// <param name="result">The raw value.</param>
    public static void Result(IBufferWriter<byte> writer, in ReadOnlySequence<byte> id, in ReadOnlySequence<byte> result)
    {
        Head(writer, id);
        writer.Write(",\"result\":"u8);
        Copy(result, writer);
        writer.Write("}"u8);
    }

    /// <summary><c>{"jsonrpc":"2.0","id":…,"result":…}</c> around a raw result that a plan changes.</summary>
    public static void Result(IBufferWriter<byte> writer, in ReadOnlySequence<byte> id, in ReadOnlySequence<byte> result, SplicePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Head(writer, id);
        writer.Write(",\"result\":"u8);
        plan.WriteTo(result, writer);
        writer.Write("}"u8);
    }

    /// <summary>An error response.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="id">The raw id; empty writes <c>null</c>, as for a request that could not be read.</param>
    /// <param name="code">The code.</param>
    /// <param name="message">For people.</param>
    /// <param name="data">Writes the value of <c>data</c>; null leaves it out.</param>
    public static void Error(IBufferWriter<byte> writer, in ReadOnlySequence<byte> id, int code, string message, Action<Utf8JsonWriter>? data = null)
    {
        Head(writer, id);
        writer.Write(",\"error\":"u8);
        using (var json = new Utf8JsonWriter(writer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("code"u8, code);
            json.WriteString("message"u8, message);
            if (data is not null)
            {
                json.WritePropertyName("data"u8);
                data(json);
            }

            json.WriteEndObject();
        }

        writer.Write("}"u8);
    }

    /// <summary>A request of the gateway's own, with an integer id.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="id">The id.</param>
    /// <param name="method">The method.</param>
    /// <param name="parameters">Writes the value of <c>params</c>; null leaves it out.</param>
    public static void Request(IBufferWriter<byte> writer, long id, string method, Action<Utf8JsonWriter>? parameters = null) =>
        Call(writer, id, method, parameters);

    /// <summary>A notification.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="method">The method.</param>
    /// <param name="parameters">Writes the value of <c>params</c>; null leaves it out.</param>
    public static void Notification(IBufferWriter<byte> writer, string method, Action<Utf8JsonWriter>? parameters = null) =>
        Call(writer, null, method, parameters);

    private static void Call(IBufferWriter<byte> writer, long? id, string method, Action<Utf8JsonWriter>? parameters)
    {
        using var json = new Utf8JsonWriter(writer, Options);
        json.WriteStartObject();
        json.WriteString("jsonrpc"u8, "2.0"u8);
        if (id is { } number)
        {
            json.WriteNumber("id"u8, number);
        }

        json.WriteString("method"u8, method);
        if (parameters is not null)
        {
            json.WritePropertyName("params"u8);
            parameters(json);
        }

        json.WriteEndObject();
    }

    private static void Head(IBufferWriter<byte> writer, in ReadOnlySequence<byte> id)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        if (id.IsEmpty)
        {
            writer.Write("null"u8);
        }
        else
        {
            Copy(id, writer);
        }
    }

    private static void Copy(in ReadOnlySequence<byte> bytes, IBufferWriter<byte> writer)
    {
        foreach (var segment in bytes)
        {
            writer.Write(segment.Span);
        }
    }
}
