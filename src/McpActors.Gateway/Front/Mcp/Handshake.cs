using System.Buffers;
using McpActors.Core.Protocol.Bridging;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Gateway.Front.Mcp;

/// <summary>The messages by which a client learns what it speaks to.</summary>
internal static class Handshake
{
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    /// <summary>What a client says of itself in <c>initialize</c>, and the revision agreed upon.</summary>
    public static ClientProfile ProfileOf(in McpMessage initialize)
    {
        ref readonly var parameters = ref initialize.Envelope.Params;
        return new ClientProfile(
            ProtocolRevision.Negotiate(RawJson.Text(initialize.Body, parameters.ProtocolVersion)),
            ObjectOr(initialize.Body, parameters.Capabilities),
            ObjectOr(initialize.Body, parameters.ClientInfo));
    }

    /// <summary>Writes the response to <c>initialize</c>.</summary>
    public static void WriteInitialize(IBufferWriter<byte> target, in ReadOnlySequence<byte> id, PeerInfo peer, ProtocolRevision revision)
    {
        using var result = new PooledBuffer();
        HandshakeTranslator.WriteInitializeResult(result, SelfOf(peer, revision), revision);
        JsonRpcWriter.Result(target, id, result.Sequence);
    }

    /// <summary>Writes the response to <c>server/discover</c>.</summary>
    public static void WriteDiscover(IBufferWriter<byte> target, in ReadOnlySequence<byte> id, PeerInfo peer)
    {
        using var result = new PooledBuffer();
        HandshakeTranslator.WriteDiscoverResult(result, SelfOf(peer, ProtocolRevision.NewestModern), peer.Ttl ?? TimeSpan.Zero, isPublic: false);
        JsonRpcWriter.Result(target, id, result.Sequence);
    }

    /// <summary>Changes are brought to sessions on their GET stream, where the server is of their own era and tells them.</summary>
    private static ServerDescription SelfOf(PeerInfo peer, ProtocolRevision caller) => new()
    {
        Revision = peer.Revision,
        Capabilities = peer.Capabilities,
        ServerInfo = peer.ServerInfo,
        Instructions = peer.Instructions,
        DeliversChanges = caller.HasGetStream && peer.Revision.HasGetStream,
    };

    private static byte[] ObjectOr(in ReadOnlySequence<byte> body, ByteRange range) =>
        RawJson.IsObject(body, range) ? range.In(body).ToArray() : EmptyObject;
}
