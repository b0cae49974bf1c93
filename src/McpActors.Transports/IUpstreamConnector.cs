using McpActors.Core.Configuration;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports.Remote;

namespace McpActors.Transports;

/// <summary>Opens connections to upstream servers of every kind.</summary>
public interface IUpstreamConnector
{
    /// <summary>Connects, finds out the era (the remembered one first) and initialises, within the server's initialize timeout.</summary>
    /// <exception cref="UpstreamException">It did not work; no call was sent.</exception>
    Task<IUpstreamConnection> ConnectAsync(ConnectRequest request, IUpstreamEvents events, CancellationToken ct);

    /// <summary>
    /// Uses a connection over HTTP that another node opened and goes on to own. Nothing is sent: the session is the owner's to open, to renew and to end.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="id">The connection's id at its owner.</param>
    /// <param name="loan">What the owner lent.</param>
    IUpstreamConnection Join(ServerModel server, ConnectionId id, ConnectionLoan loan);
}

/// <summary>What to connect to, and for whom.</summary>
/// <param name="Server">The server.</param>
/// <param name="Slot">Who shares the connection.</param>
/// <param name="Profile">The client it is opened for; null: the gateway presents itself.</param>
/// <param name="RememberedEra">What the server spoke last time; tried first.</param>
/// <param name="Id">The new connection's id.</param>
/// <param name="Endpoint">Which replica of the server: its place in the configuration.</param>
public sealed record ConnectRequest(
    ServerModel Server,
    SlotKey Slot,
    ClientProfile? Profile,
    ProtocolRevision? RememberedEra,
    ConnectionId Id,
    int Endpoint = 0);
