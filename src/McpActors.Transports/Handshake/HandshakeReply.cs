using System.Buffers;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Transports.Handshake;

/// <summary>An answer to a handshake request, in memory of its own. Handshakes are rare, so clarity comes before speed here.</summary>
internal sealed class HandshakeReply(JsonRpcEnvelope envelope, byte[] body)
{
    private const int ShownCharacters = 200;

    private readonly ReadOnlySequence<byte> _body = new(body);

    /// <summary>Whether it is an error.</summary>
    public bool IsError => envelope.Kind == JsonRpcKind.ErrorResponse;

    /// <summary>The error's code.</summary>
    public int ErrorCode => envelope.ErrorCode;

    /// <summary>The error for people, shortened.</summary>
    public string ErrorText
    {
        get
        {
            var text = RawJson.Text(_body, envelope.ErrorMessage) ?? "";
            return $"{ErrorCode} {(text.Length > ShownCharacters ? text[..ShownCharacters] + "…" : text)}";
        }
    }

    /// <summary><c>protocolVersion</c> of an initialize result.</summary>
    public string? ProtocolVersion => RawJson.Text(_body, envelope.Result.ProtocolVersion);

    /// <summary><c>supportedVersions</c> of a discover result.</summary>
    public IReadOnlyList<string>? SupportedVersions => Strings(envelope.Result.SupportedVersions);

    /// <summary><c>data.supported</c> of a version error.</summary>
    public IReadOnlyList<string> SupportedByError
    {
        get
        {
            if (envelope.ErrorData.IsNone)
            {
                return [];
            }

            using var data = JsonDocument.Parse(envelope.ErrorData.In(_body));
            return data.RootElement.ValueKind == JsonValueKind.Object && data.RootElement.TryGetProperty("supported"u8, out var supported)
                ? StringsOf(supported)
                : [];
        }
    }

    /// <summary>What the server says of itself.</summary>
    public PeerInfo ToPeer(ProtocolRevision revision)
    {
        var ttl = RawJson.Integer(_body, envelope.Result.TtlMs);
        var info = envelope.Result.ServerInfo.IsNone ? envelope.Meta.ServerInfo : envelope.Result.ServerInfo;
        return new PeerInfo(
            revision,
            Object(envelope.Result.Capabilities),
            Object(info),
            RawJson.Text(_body, envelope.Result.Instructions),
            ttl is >= 0 ? TimeSpan.FromMilliseconds(ttl.Value) : null);
    }

    private ReadOnlyMemory<byte> Object(ByteRange range)
    {
        var raw = range.IsNone ? [] : range.In(_body).ToArray();
        return raw is [(byte)'{', ..] ? raw : "{}"u8.ToArray();
    }

    private List<string>? Strings(ByteRange range)
    {
        if (range.IsNone)
        {
            return null;
        }

        using var value = JsonDocument.Parse(range.In(_body));
        return StringsOf(value.RootElement);
    }

    private static List<string> StringsOf(JsonElement value) => value.ValueKind != JsonValueKind.Array
        ? []
        : [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];
}
