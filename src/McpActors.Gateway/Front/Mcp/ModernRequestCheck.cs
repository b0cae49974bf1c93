using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Gateway.Pipeline;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>What a request of the newest revision must carry, in its headers and in its <c>_meta</c>, and that both say the same.</summary>
internal static class ModernRequestCheck
{
    /// <summary>The refusal, or null when all is well.</summary>
    public static GatewayError? Refusal(IHeaderDictionary headers, in McpMessage message)
    {
        if (HeaderCheck.Envelope(new Headers(headers), message.Envelope, message.Body) is { } mismatch)
            return GatewayErrors.HeaderMismatch(mismatch.Message);
        ref readonly var meta = ref message.Envelope.Meta;
        if (RawJson.Text(message.Body, meta.ProtocolVersion) is not { } version)
        {
            // The header alone may name a revision that nobody here speaks; that is the better answer then.
            return headers[McpHeaders.ProtocolVersion].ToString() is { Length: > 0 } named && !IsSpoken(named)
                ? GatewayErrors.UnsupportedVersion(named)
                : GatewayErrors.MissingMeta(MetaKeys.ProtocolVersion);
        }

        if (!IsSpoken(version))
            return GatewayErrors.UnsupportedVersion(version);
        return RawJson.IsObject(message.Body, meta.ClientCapabilities) ? null : GatewayErrors.MissingMeta(MetaKeys.ClientCapabilities);
    }

    private static bool IsSpoken(string version) => ProtocolRevision.TryParse(version, out var revision) && revision.IsModern;

    /// <summary>The request's headers as the check reads them.</summary>
    private readonly struct Headers(IHeaderDictionary headers) : IRequestHeaders
    {
        public HeaderField Find(string name)
        {
            var values = headers[name];
            return new HeaderField(values.Count, values.Count == 1 ? values[0] : null);
        }
    }
}
