using McpActors.Core.Health;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers;

public static partial class ServerProtocol
{
    /// <summary>The call may make one attempt now. It ends with <see cref="AttemptFailed"/>, <see cref="Complete"/> or <see cref="Abandon"/>.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="Connection">The connection to use.</param>
    /// <param name="Attempt">1 for the first.</param>
    /// <param name="AttemptTimeout">How long this attempt may take.</param>
    /// <param name="Tool">What is known of the tool, for <c>tools/call</c> of a known one.</param>
    public sealed record Admitted(CallId Call, ConnectionId Connection, int Attempt, TimeSpan AttemptTimeout, ToolFacts? Tool) : IServerReply
    {
        /// <summary>For a caller on another node: what it may admit by itself the next time. Null where it may not.</summary>
        public LeaseHint? Lease { get; init; }
    }

    /// <summary>A result is at hand; the call is over.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="Result">The <c>result</c> value as the upstream gave it.</param>
    /// <param name="RemainingTtl">How long it stays fresh; zero when stale.</param>
    /// <param name="Scope">Who may be given it.</param>
    /// <param name="Stale">Whether its time has passed.</param>
    /// <param name="Revalidate">Whether this caller is to run one refresh in the background after answering: an <see cref="Admit"/> with <see cref="CallIntent.Refresh"/>.</param>
    /// <param name="Revision">The protocol revision in which the upstream gave it.</param>
    public sealed record CacheHit(
        CallId Call,
        ReadOnlyMemory<byte> Result,
        TimeSpan RemainingTtl,
        CacheScope Scope,
        bool Stale,
        bool Revalidate,
        ProtocolRevision Revision) : IServerReply;

    /// <summary>The call is refused and over; nothing was sent.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Since">Since when it is so, where that means something.</param>
    /// <param name="RetryAfter">When another try makes sense, where that is known.</param>
    /// <param name="Text">The reason in words, for the caller.</param>
    public sealed record Rejected(CallId Call, RejectReason Reason, DateTimeOffset? Since, TimeSpan? RetryAfter, string Text) : IServerReply;

    /// <summary>The upstream session of this client must be opened and nothing is known of the client: ask again with a profile. The call is over.</summary>
    public sealed record ProfileRequired(CallId Call) : IServerReply;

    /// <summary>There is no further attempt; the call is over. What the client is told follows from the outcome of its last attempt.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="Reason">Why not.</param>
    /// <param name="Since">Since when the circuit is open, when that is the reason.</param>
    /// <param name="RetryAfter">When another try makes sense, where that is known.</param>
    /// <param name="Text">The reason in words.</param>
    public sealed record GaveUp(CallId Call, GiveUpReason Reason, DateTimeOffset? Since, TimeSpan? RetryAfter, string Text) : IServerReply;

    /// <summary>What a probe came to.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Result">How it ended.</param>
    /// <param name="Latency">How long the server took.</param>
    /// <param name="Text">Why it failed or was skipped.</param>
    /// <param name="Facts">What the actor knows of the server beside that.</param>
    public sealed record ServerProbed(
        ServerId Server, ProbeResult Result, TimeSpan Latency, string? Text, ServerFacts Facts) : IServerReply, IWithServerId;

    /// <summary>An operator's order is stored and in force.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Text">What was done, in words.</param>
    /// <param name="Status">The state after it.</param>
    public sealed record OperatorDone(ServerId Server, string Text, ServerStatus Status) : IServerReply;

    /// <summary>An operator's order is not in force.</summary>
    public sealed record OperatorRefused(ServerId Server, string Reason) : IServerReply;

    /// <summary>The lists of a server.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Catalogue">What is known; null when nothing ever was.</param>
    /// <param name="Fresh">Whether every list asked for is current.</param>
    /// <param name="UnavailableReason">Why they are not, or why the server cannot be used at the moment, in words; null when all is well.</param>
    public sealed record CatalogueReply(ServerId Server, ServerCatalogue? Catalogue, bool Fresh, string? UnavailableReason) : IServerReply;
}

/// <summary>Why a call was not admitted.</summary>
public enum RejectReason
{
    /// <summary>The circuit is open, or its half-open permits are taken.</summary>
    CircuitOpen,

    /// <summary>All permits are in use and the queue is full.</summary>
    QueueFull,

    /// <summary>No permit came free within the queue time.</summary>
    QueueTimeout,

    /// <summary>The call's deadline passed.</summary>
    DeadlinePassed,

    /// <summary>The upstream cannot be reached or started.</summary>
    Unavailable,

    /// <summary>The operator disabled the server.</summary>
    Disabled,

    /// <summary>The node is leaving, or the actor is moving.</summary>
    Draining,

    /// <summary>There is no such server.</summary>
    Unknown,
}

/// <summary>Why there is no further attempt.</summary>
public enum GiveUpReason
{
    /// <summary>The call may have been executed and must not be repeated.</summary>
    NotRepeatable,

    /// <summary>All attempts are used.</summary>
    AttemptsUsed,

    /// <summary>The retry budget of the server is empty.</summary>
    BudgetEmpty,

    /// <summary>The deadline leaves no room for another attempt.</summary>
    Deadline,

    /// <summary>The circuit opened.</summary>
    CircuitOpen,

    /// <summary>The upstream cannot be reached or started again.</summary>
    Unavailable,

    /// <summary>The node is leaving, or the server was disabled or removed.</summary>
    Stopped,

    /// <summary>The actor does not know the call: it moved or was restarted meanwhile.</summary>
    UnknownCall,
}

/// <summary>What an operator wants of a circuit.</summary>
public enum OperatorCircuitMode
{
    /// <summary>It decides by itself.</summary>
    Auto,

    /// <summary>It admits nothing.</summary>
    ForcedOpen,

    /// <summary>It admits everything.</summary>
    ForcedClosed,
}
