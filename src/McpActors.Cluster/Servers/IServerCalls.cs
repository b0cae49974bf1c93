using McpActors.Core.Servers;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Servers;

/// <summary>
/// The way from a request to the actors that decide about servers, wherever in the cluster they are. Thread-safe. Never throws for what an actor decides:
/// an actor that does not answer in time is a <see cref="Rejected"/> or <see cref="GaveUp"/> too.
/// </summary>
public interface IServerCalls
{
    /// <summary>An id for a new call of this node.</summary>
    CallId NextCall() => CallIds.Next();

    /// <summary>Asks for admission of a call; answers at its deadline at the latest. Cancelling abandons the call.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> fired.</exception>
    ValueTask<IServerReply> AdmitAsync(Admit command, CancellationToken ct);

    /// <summary>Reports a failed attempt and asks what next; the back-off has passed when it answers. Cancelling abandons the call.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> fired.</exception>
    ValueTask<IServerReply> AttemptFailedAsync(AttemptFailed command, CancellationToken ct);

    /// <summary>Reports the end of an admitted call.</summary>
    void Complete(Complete command);

    /// <summary>Reports that the caller left. Not needed after cancelling one of the methods above.</summary>
    void Abandon(Abandon command);

    /// <summary>Reports that a client's session ended: its upstream session or process is closed.</summary>
    void ReleaseSlot(ServerId server, SlotKey slot);

    /// <summary>
    /// Reports that a client's session at the aggregated endpoint ended: what the servers that are awake on this node keep for it is closed. Elsewhere it ends
    /// by not being used; no server is woken for it.
    /// </summary>
    void ReleaseSlots(SlotKey slot);

    /// <summary>The state of a server. Does not start it.</summary>
    /// <exception cref="TimeoutException">Its actor did not answer.</exception>
    Task<ServerStatus> GetStatusAsync(ServerId server, CancellationToken ct);

    /// <summary>The lists of a server; starts it on demand; answers at the deadline at the latest.</summary>
    Task<CatalogueReply> GetCatalogueAsync(GetCatalogue query, CancellationToken ct);

    /// <summary>Carries out an operator's order: <see cref="OperatorDone"/> after it is stored, or <see cref="OperatorRefused"/>.</summary>
    Task<IServerReply> OperateAsync(IOperatorCommand command, CancellationToken ct);
}
