using System.Buffers;
using System.Text;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Gateway.Pipeline;
using Microsoft.Extensions.Primitives;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>What a request of the newest revision must carry, in its headers and in its <c>_meta</c>, and that both say the same.</summary>
internal static class ModernRequestCheck
{
    private static readonly byte[] Newest = Encoding.ASCII.GetBytes(ProtocolRevision.NewestModern.Text);

    /// <summary>The refusal, or null when all is well.</summary>
    public static GatewayError? Refusal(IHeaderDictionary headers, in McpMessage message)
    {
        if (!AgreePlainly(headers, message)
            && HeaderCheck.Envelope(new CallerHeaders(headers), message.Envelope, message.Body) is { } mismatch)
        {
            return GatewayErrors.HeaderMismatch(mismatch.Message);
        }

        ref readonly var meta = ref message.Envelope.Meta;
        if (!RawJson.TextEquals(message.Body, meta.ProtocolVersion, Newest) && VersionRefusal(headers, message) is { } refusal)
            return refusal;
        return RawJson.IsObject(message.Body, meta.ClientCapabilities) ? null : GatewayErrors.MissingMeta(MetaKeys.ClientCapabilities);
    }

    private static GatewayError? VersionRefusal(IHeaderDictionary headers, in McpMessage message)
    {
        if (RawJson.Text(message.Body, message.Envelope.Meta.ProtocolVersion) is { } version)
            return IsSpoken(version) ? null : GatewayErrors.UnsupportedVersion(version);
        // The header alone may name a revision that nobody here speaks; that is the better answer then.
        return headers[McpHeaders.ProtocolVersion].ToString() is { Length: > 0 } named && !IsSpoken(named)
            ? GatewayErrors.UnsupportedVersion(named)
            : GatewayErrors.MissingMeta(MetaKeys.ProtocolVersion);
    }

    private static bool IsSpoken(string version) => ProtocolRevision.TryParse(version, out var revision) && revision.IsModern;

    /// <summary>Whether the headers repeat the body byte for byte, as they nearly always do: then there is nothing to decode and nothing to weigh.</summary>
    private static bool AgreePlainly(IHeaderDictionary headers, in McpMessage message)
    {
        var envelope = message.Envelope;
        return Repeats(headers[McpHeaders.ProtocolVersion], message.Body, envelope.Meta.ProtocolVersion)
            && Repeats(headers[McpHeaders.Method], message.Body, envelope.MethodName)
            && (!HeaderCheck.RepeatsName(envelope.Method) || Repeats(headers[McpHeaders.Name], message.Body, envelope.Target));
    }

    private static bool Repeats(StringValues header, in ReadOnlySequence<byte> body, ByteRange range)
    {
        if (header.Count != 1 || header[0] is not { } value || range.Length != value.Length + 2 || value.StartsWith("=?", StringComparison.Ordinal))
            return false;
        var raw = range.In(body);
        if (!raw.IsSingleSegment)
            return false;
        var token = raw.FirstSpan;
        return token[0] == (byte)'"' && !token.Contains((byte)'\\') && Ascii.Equals(token[1..^1], value);
    }
}
