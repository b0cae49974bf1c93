using System.Buffers;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Transports.Handshake;

/// <summary>A connection during its handshake.</summary>
internal interface IHandshakePeer
{
    /// <summary>What the handshake found out; set once.</summary>
    PeerInfo Peer { set; }

    /// <summary>Which revision the headers of what follows name; null: none yet.</summary>
    void Speak(ProtocolRevision? revision);

    /// <summary>As <see cref="IUpstreamConnection.NextRequestId"/>.</summary>
    long NextRequestId();

    /// <summary>As <see cref="IUpstreamConnection.SendAsync"/>.</summary>
    ValueTask<IUpstreamExchange> SendAsync(UpstreamRequest request, CancellationToken ct);

    /// <summary>As <see cref="IUpstreamConnection.PostAsync"/>.</summary>
    ValueTask PostAsync(ReadOnlySequence<byte> message, CancellationToken ct);
}
