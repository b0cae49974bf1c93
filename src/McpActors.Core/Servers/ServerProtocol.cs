using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers;

/// <summary>Anything that belongs to one server.</summary>
public interface IWithServerId
{
    /// <summary>The server it belongs to.</summary>
    ServerId Server { get; }
}

/// <summary>An order to a server's actor.</summary>
public interface IServerCommand : IWithServerId;

/// <summary>A question to a server's actor; it changes nothing but may start the upstream where its text says so.</summary>
public interface IServerQuery : IWithServerId;

/// <summary>A transition of a server that its journal keeps. Events only grow: no member is ever renamed or given another meaning.</summary>
public interface IServerEvent : IWithServerId
{
    /// <summary>When it happened.</summary>
    DateTimeOffset At { get; }
}

/// <summary>The answer to a command or query.</summary>
public interface IServerReply;

/// <summary>
/// What is said to and by the actor of one MCP server. The actor decides and never carries: payloads travel beside it, except for results that it caches.
/// </summary>
public static partial class ServerProtocol
{
    /// <summary>
    /// Asks for admission of a call. Answers: <see cref="Admitted"/>, <see cref="CacheHit"/>, <see cref="Rejected"/> or <see cref="ProfileRequired"/>;
    /// the answer may come late, but not after the deadline: the call may queue, wait for an identical one, or for the upstream to start.
    /// </summary>
    /// <param name="Server">The server.</param>
    /// <param name="Call">The call's id; used once.</param>
    /// <param name="Intent">What the call is about.</param>
    /// <param name="Profile">What the client said of itself; needed only when its upstream session must be opened. Null otherwise.</param>
    public sealed record Admit(ServerId Server, CallId Call, CallIntent Intent, ClientProfile? Profile = null) : IServerCommand
    {
        /// <summary>As it leaves for another node.</summary>
        public Admit Leaving(DateTimeOffset now) => this with { Intent = Intent.Leaving(now) };
    }

    /// <summary>
    /// One attempt of an admitted call failed and nothing was sent to the client yet. Answers: <see cref="Admitted"/> for the next attempt (the back-off
    /// has already passed), <see cref="CacheHit"/> with stale data, or <see cref="GaveUp"/>. After the last two the call is over: no <see cref="Complete"/>.
    /// </summary>
    public sealed record AttemptFailed(ServerId Server, CallId Call, AttemptOutcome Outcome, ConnectionId Connection) : IServerCommand;

    /// <summary>An admitted call ended, well or not. No answer.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Call">The call.</param>
    /// <param name="Outcome">How its last attempt ended.</param>
    /// <param name="Fill">The result to cache and to share with identical calls that wait; null when it must not be shared.</param>
    /// <param name="Connection">The connection it was carried on.</param>
    public sealed record Complete(
        ServerId Server, CallId Call, AttemptOutcome Outcome, CacheFill? Fill = null, ConnectionId Connection = default) : IServerCommand;

    /// <summary>The caller left while its call was waiting or running. No answer; no verdict on the server.</summary>
    public sealed record Abandon(ServerId Server, CallId Call) : IServerCommand;

    /// <summary>A client's session ended: its own upstream session or process, if it had one, is closed. No answer.</summary>
    public sealed record ReleaseSlot(ServerId Server, SlotKey Slot) : IServerCommand;

    /// <summary>
    /// Asks for a sign of life. The actor alone decides whether and how: it starts nothing that is stopped, and the probe counts neither as a call nor as
    /// use. Answer: <see cref="ServerProbed"/>, soon or after the probe.
    /// </summary>
    public sealed record ProbeServer(ServerId Server) : IServerCommand;

    /// <summary>What an operator's order has in common: it is answered by <see cref="OperatorDone"/> after it is stored, or by <see cref="OperatorRefused"/>.</summary>
    public interface IOperatorCommand : IServerCommand
    {
        /// <summary>Who gave the order, for the journal.</summary>
        string Actor { get; }
    }

    /// <summary>Forces the circuit, or hands it back to itself.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Mode">The mode to set.</param>
    /// <param name="Reason">Why, in the operator's words.</param>
    /// <param name="Ttl">When a forced mode ends by itself. Null: 1 h.</param>
    /// <param name="Actor">Who gave the order.</param>
    public sealed record SetCircuitMode(ServerId Server, OperatorCircuitMode Mode, string? Reason, TimeSpan? Ttl, string Actor) : IOperatorCommand;

    /// <summary>Closes the circuit, forgets its window and ends a forced mode.</summary>
    public sealed record ResetCircuit(ServerId Server, string Actor) : IOperatorCommand;

    /// <summary>Empties the cache and makes the lists stale; the last good copies stay for bad times.</summary>
    public sealed record ClearCache(ServerId Server, string Actor) : IOperatorCommand;

    /// <summary>Closes every connection and process of the server; calls in flight fail; the next call starts it anew.</summary>
    public sealed record Restart(ServerId Server, string Actor) : IOperatorCommand;

    /// <summary>Asks for the state. Never starts the upstream. Answer: <see cref="ServerStatus"/>.</summary>
    public sealed record GetStatus(ServerId Server) : IServerQuery;

    /// <summary>
    /// Asks for lists. Starts the upstream on demand, unless <see cref="Effort"/> says otherwise. Answer: <see cref="CatalogueReply"/>, at the deadline at the
    /// latest: then with the last good copy.
    /// </summary>
    public sealed record GetCatalogue(ServerId Server, ListKinds Kinds, DateTimeOffset Deadline) : IServerQuery
    {
        /// <summary>What may be done for the answer.</summary>
        public ListEffort Effort { get; init; }

        /// <summary>As of a call: see <see cref="CallIntent.TimeLeft"/>.</summary>
        public TimeSpan? TimeLeft { get; init; }

        /// <summary>As it leaves for another node.</summary>
        public GetCatalogue Leaving(DateTimeOffset now) => this with { TimeLeft = Deadline - now };

        /// <summary>As it has come to a node: with a deadline by the clock there.</summary>
        public GetCatalogue Arrived(DateTimeOffset now) => TimeLeft is { } left ? this with { Deadline = now + left, TimeLeft = null } : this;
    }
}
