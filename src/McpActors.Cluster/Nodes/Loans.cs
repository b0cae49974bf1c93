using System.Globalization;
using System.Net;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Cluster.Nodes;

/// <summary>What other nodes have borrowed of this one's connections.</summary>
public interface ILoans
{
    /// <summary>Asks all other nodes to give a connection back that is lent no more. True when all have; who has calls on it has not.</summary>
    Task<bool> AreGivenBackAsync(ConnectionId connection, CancellationToken ct);
}

/// <inheritdoc cref="ILoans"/>
public sealed class Loans(INodes nodes, NodeHttp http, TimeProvider time) : ILoans
{
    /// <summary>Path on the internal listener of who borrowed; the connection's id follows. It answers 204 when it uses the connection no more, 409 while it does.</summary>
    public const string Path = "internal/v1/loans/";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<bool> AreGivenBackAsync(ConnectionId connection, CancellationToken ct)
    {
        var given = await Task.WhenAll(nodes.Others.Select(node => IsGivenBackAsync(node, connection, ct)));
        return given.All(back => back);
    }

    // Who does not answer, or is of a release that does not know the question, may have calls on it. One that is gone is no longer among the others.
    private async Task<bool> IsGivenBackAsync(NodeCard node, ConnectionId connection, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            using var request = NodeHttp.Request(HttpMethod.Delete, node, string.Create(CultureInfo.InvariantCulture, $"{Path}{connection.Value}"));
            using var response = await http.Invoker.SendAsync(request, limit.Token);
            return response.StatusCode == HttpStatusCode.NoContent;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }
}
