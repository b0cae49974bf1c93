using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers;

/// <summary>What a decision asks the actor's shell to do. A closed set: the shell has one switch over it.</summary>
public abstract record ServerEffect
{
    private ServerEffect()
    {
    }

    /// <summary>Answers a call that was kept waiting.</summary>
    public sealed record Reply(CallId Call, IServerReply Answer) : ServerEffect;

    /// <summary>Answers a question for lists that was kept waiting.</summary>
    public sealed record AnswerCatalogue(long Query, ServerProtocol.CatalogueReply Answer) : ServerEffect;

    /// <summary>Opens a connection; exactly one result is reported back under its id.</summary>
    /// <param name="Id">The new connection's id.</param>
    /// <param name="Slot">Whose it is.</param>
    /// <param name="Profile">The client it is opened for; null for the gateway's own.</param>
    /// <param name="RememberedEra">The revision spoken with this server before.</param>
    /// <param name="Timeout">After this time the attempt is given up.</param>
    /// <param name="Endpoint">The replica to connect to: its place in the configuration.</param>
    public sealed record Connect(
        ConnectionId Id, SlotKey Slot, ClientProfile? Profile, ProtocolRevision? RememberedEra, TimeSpan Timeout, int Endpoint = 0) : ServerEffect;

    /// <summary>Closes a connection or gives up opening it; its process is ended.</summary>
    public sealed record CloseConnection(ConnectionId Id, string Reason) : ServerEffect;

    /// <summary>Fetches a list with all its pages; exactly one result is reported back under its id.</summary>
    public sealed record FetchList(CallId Fetch, ListKind Kind, ConnectionId Connection, TimeSpan Timeout) : ServerEffect;

    /// <summary>Asks the server for a sign of life over an open connection; exactly one result is reported back under its id.</summary>
    public sealed record Ping(ConnectionId Connection, TimeSpan Timeout) : ServerEffect;

    /// <summary>Records a transition behind.</summary>
    public sealed record Record(IServerEvent Event) : ServerEffect;

    /// <summary>Counts a transition of the circuit that is not recorded, because the journal was not read yet.</summary>
    public sealed record CountTransition(CircuitEvent Change) : ServerEffect;

    /// <summary>A replica was left out, is tried or was taken back. It is logged and counted, not recorded: traffic tells it again soon after a restart.</summary>
    public sealed record TellReplica(ReplicaChange Change) : ServerEffect;

    /// <summary>Tells the clients that a list changed, which the upstream did not say itself.</summary>
    public sealed record AnnounceListChanged(ListKind Kind) : ServerEffect;

    /// <summary>Tells a holder of a lease how it stands.</summary>
    public sealed record Grant(LeaseGrant Lease) : ServerEffect;

    /// <summary>Counts something that healed by itself.</summary>
    public sealed record CountHealed(HealedWhat What) : ServerEffect;
}

/// <summary>What healed by itself; bounded, so it may label a metric.</summary>
public enum HealedWhat
{
    /// <summary>A session that the upstream forgot.</summary>
    Session,

    /// <summary>A process that ended.</summary>
    Process,

    /// <summary>Any other connection that was lost.</summary>
    Connection,
}
