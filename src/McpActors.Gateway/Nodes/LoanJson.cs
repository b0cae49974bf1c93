using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports.Remote;

namespace McpActors.Gateway.Nodes;

/// <summary>A loan of a connection as nodes tell it each other.</summary>
internal sealed record LoanJson(
    string Revision, byte[] Capabilities, byte[] ServerInfo, string? Instructions, string? SessionId, bool IsProcess, long FirstId, int Ids, Uri? Url = null)
{
    public static LoanJson From(ConnectionLoan loan) => new(
        loan.Peer.Revision.Text, loan.Peer.Capabilities.ToArray(), loan.Peer.ServerInfo.ToArray(), loan.Peer.Instructions,
        loan.SessionId, loan.IsProcess, loan.FirstId, loan.Ids, loan.Url);

    public ConnectionLoan ToLoan() => new(
        new PeerInfo(ProtocolRevision.Parse(Revision), Capabilities, ServerInfo, Instructions), SessionId, IsProcess, FirstId, Ids, Url);
}
