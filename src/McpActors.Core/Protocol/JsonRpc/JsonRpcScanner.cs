using System.Buffers;
using System.Globalization;
using System.Text.Json;
using McpActors.Core.Protocol.Errors;

namespace McpActors.Core.Protocol.JsonRpc;

/// <summary>
/// Reads a message once and says where its parts are. Nothing is accepted that two parsers could read in two ways: what was checked
/// here is what is routed, guarded and forwarded.
/// </summary>
public static class JsonRpcScanner
{
    /// <summary>Scans one message. Allocates at most one envelope.</summary>
    /// <param name="body">The whole message.</param>
    /// <param name="limits">How much is accepted; <see cref="JsonLimits.Request"/> for callers, <see cref="JsonLimits.Upstream"/> for servers.</param>
    /// <param name="reuse">An envelope that nobody uses any more.</param>
    public static JsonRpcScan Scan(in ReadOnlySequence<byte> body, JsonLimits limits, JsonRpcEnvelope? reuse = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var envelope = reuse ?? new JsonRpcEnvelope();
        envelope.Clear();
        if (Unreadable(body) is { } fault)
        {
            return new JsonRpcScan(fault, ByteRange.None);
        }

        var reader = new StrictReader(body, limits);
        try
        {
            reader.Read();
            if (reader.Token == JsonTokenType.StartArray)
            {
                reader.Skip();
                reader.Read();
                return BatchElements.IsEmpty(body)
                    ? new JsonRpcScan(Invalid("empty batch", 0), ByteRange.None)
                    : new JsonRpcScan(JsonRpcScanKind.Batch, envelope);
            }

            new EnvelopeScan(envelope).Message(ref reader);
            return reader.Read()
                ? new JsonRpcScan(NoJson("data after the message", reader.Position), envelope.Id)
                : new JsonRpcScan(JsonRpcScanKind.Message, envelope);
        }
        catch (JsonException)
        {
            return new JsonRpcScan(NoJson("invalid or unfinished JSON", reader.Consumed), ByteRange.None);
        }
        catch (JsonRuleException broken)
        {
            return new JsonRpcScan(Invalid(broken.Message, broken.Position), envelope.Id);
        }
    }

    /// <summary>Scans the value of a <c>result</c> member that stands alone, as in a cache: an envelope of kind Response without id.</summary>
    public static JsonRpcScan ScanResult(in ReadOnlySequence<byte> result, JsonLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var envelope = new JsonRpcEnvelope { Kind = JsonRpcKind.Response };
        if (Unreadable(result) is { } fault)
        {
            return new JsonRpcScan(fault, ByteRange.None);
        }

        var reader = new StrictReader(result, limits);
        try
        {
            reader.Read();
            new EnvelopeScan(envelope).Result(ref reader);
            return reader.Read()
                ? new JsonRpcScan(NoJson("data after the result", reader.Position), ByteRange.None)
                : new JsonRpcScan(JsonRpcScanKind.Message, envelope);
        }
        catch (JsonException)
        {
            return new JsonRpcScan(NoJson("invalid or unfinished JSON", reader.Consumed), ByteRange.None);
        }
        catch (JsonRuleException broken)
        {
            return new JsonRpcScan(Invalid(broken.Message, broken.Position), ByteRange.None);
        }
    }

    /// <summary>The elements of a batch that a scan has accepted, each to be scanned by itself from its own slice of the body.</summary>
    public static BatchElements Elements(in ReadOnlySequence<byte> batch) => new(batch);

    private static JsonRpcFault? Unreadable(in ReadOnlySequence<byte> body)
    {
        if (body.IsEmpty)
        {
            return NoJson("empty message", 0);
        }

        if (body.Length > int.MaxValue)
        {
            return Invalid("longer than 2 GiB", 0);
        }

        Span<byte> head = stackalloc byte[3];
        if (body.Length >= head.Length)
        {
            body.Slice(0, head.Length).CopyTo(head);
            if (head.SequenceEqual("\uFEFF"u8))
            {
                return NoJson("byte order mark", 0);
            }
        }

        var bad = Utf8Check.FirstInvalid(body);
        return bad < 0 ? null : NoJson("invalid UTF-8", bad);
    }

    private static JsonRpcFault NoJson(string rule, int position) => Fault(McpErrorCodes.ParseError, "Parse error", rule, position);

    private static JsonRpcFault Invalid(string rule, int position) => Fault(McpErrorCodes.InvalidRequest, "Invalid request", rule, position);

    private static JsonRpcFault Fault(int code, string kind, string rule, int position) =>
        new(code, string.Create(CultureInfo.InvariantCulture, $"{kind}: {rule} at byte {position}"), position);
}
