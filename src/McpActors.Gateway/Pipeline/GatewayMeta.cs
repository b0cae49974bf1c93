using System.Buffers;
using System.Text.Json;
using McpActors.Core.Protocol.JsonRpc;

namespace McpActors.Gateway.Pipeline;

/// <summary>Keys of <c>_meta</c> between a caller and the gateway. Rare, so they are looked for only where the scan saw the prefix.</summary>
internal static class GatewayMeta
{
    /// <summary>How long the caller waits, if it says so.</summary>
    public static TimeSpan? Timeout(JsonRpcEnvelope envelope, in ReadOnlySequence<byte> body)
    {
        if (!envelope.Meta.HasGatewayKeys)
            return null;
        var json = new Utf8JsonReader(envelope.Meta.Range.In(body));
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var found = json.ValueTextEquals(MetaKeys.TimeoutMs);
            json.Read();
            if (found)
                return json.TokenType == JsonTokenType.Number && json.TryGetInt64(out var ms) && ms is > 0 and < 86_400_000 ? TimeSpan.FromMilliseconds(ms) : null;
            json.Skip();
        }

        return null;
    }
}
