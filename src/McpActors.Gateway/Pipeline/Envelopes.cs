using McpActors.Core.Protocol.JsonRpc;
using Microsoft.Extensions.ObjectPool;

namespace McpActors.Gateway.Pipeline;

/// <summary>Envelopes that wait to be scanned into again: each call needs one for its request and one for its response.</summary>
internal static class Envelopes
{
    private static readonly DefaultObjectPool<JsonRpcEnvelope> Pool = new(new DefaultPooledObjectPolicy<JsonRpcEnvelope>(), 2048);

    public static JsonRpcEnvelope Rent() => Pool.Get();

    public static void Return(JsonRpcEnvelope envelope) => Pool.Return(envelope);
}
