using System.Buffers;
using System.Text;

namespace McpActors.Transports;

/// <summary>The few messages that a transport writes of its own accord.</summary>
internal static class Replies
{
    /// <summary>The method that every peer may ask for at any time.</summary>
    public const string Ping = "ping";

    /// <summary>The answer to a <c>ping</c>.</summary>
    /// <param name="id">The raw id of the request.</param>
    public static byte[] Pong(ReadOnlySpan<byte> id) => [.. "{\"jsonrpc\":\"2.0\",\"id\":"u8, .. id, .. ",\"result\":{}}"u8];

    /// <summary>The answer to a request that nobody here takes.</summary>
    /// <param name="id">The raw id of the request.</param>
    public static byte[] MethodNotFound(ReadOnlySpan<byte> id)
        => [.. "{\"jsonrpc\":\"2.0\",\"id\":"u8, .. id, .. ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}"u8];

    /// <summary>Tells a server that nobody waits for this request any more.</summary>
    public static byte[] Cancelled(long requestId) => Encoding.UTF8.GetBytes(
        $$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{{requestId}}},"reason":"the caller no longer waits"}}""");

    /// <summary>An error the server gave under no id or a null one, as the answer to the request it can only belong to.</summary>
    /// <param name="requestId">That request.</param>
    /// <param name="error">The raw error object.</param>
    public static byte[] ErrorFor(long requestId, ReadOnlySequence<byte> error)
        => [.. Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{requestId}},"error":"""), .. error.ToArray(), (byte)'}'];
}
