using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Upstream;

namespace McpActors.Core.Servers.Lease;

/// <summary>What is to be done about a call that may go under a lease.</summary>
public enum LeaseStepKind
{
    /// <summary>It is answered: admitted, refused, or over.</summary>
    Answer,

    /// <summary>It goes through the owner; nothing of it is kept here.</summary>
    AskOwner,

    /// <summary>It waits for a permit; what becomes of it is among <see cref="LeasedCalls.Late"/>.</summary>
    Wait,

    /// <summary>It waits before its next attempt, and then asks for it.</summary>
    Delay,
}

/// <summary>What is to be done about a call that may go under a lease.</summary>
/// <param name="Kind">What.</param>
/// <param name="Reply">The answer, if it is one.</param>
/// <param name="Reason">Why the lease did not let it through, if so.</param>
/// <param name="Delay">How long it waits.</param>
public readonly record struct LeaseStep(LeaseStepKind Kind, IServerReply? Reply = null, LeaseReason Reason = LeaseReason.None, TimeSpan Delay = default);

/// <summary>What became of a call that had waited for a permit.</summary>
/// <param name="Call">The call.</param>
/// <param name="Step">What is to be done.</param>
public readonly record struct LateStep(CallId Call, LeaseStep Step);

/// <summary>What steers a call: how much it may be repeated, and what is known of its tool.</summary>
/// <param name="Class">How much it may be repeated.</param>
/// <param name="Tool">Its tool, where one is known.</param>
/// <param name="Tools">Under which name of the owner's knowledge that holds.</param>
internal readonly record struct CallKnowledge(CallClass Class, ToolFacts? Tool, string? Tools);

/// <summary>A connection of this node, and the calls on it; closed after the last of them.</summary>
internal sealed class LeaseLink(ConnectionId id, LeasedReplicas set, int endpoint)
{
    internal ConnectionId Id { get; } = id;

    /// <summary>Those that it was made with; replaced together.</summary>
    internal LeasedReplicas Set { get; } = set;

    /// <summary>Its replica.</summary>
    internal int Endpoint { get; } = endpoint;

    internal int InFlight { get; set; }
}

/// <summary>A call under a lease. Pooled: nothing may hold on to it after its end.</summary>
public sealed class LeasedCall
{
    internal CallId Id { get; private set; }

    internal DateTimeOffset Deadline { get; private set; }

    internal CallKnowledge Known { get; private set; }

    /// <summary>Whether it still waits for a permit.</summary>
    internal bool Waits { get; set; }

    /// <summary>The connection of the attempt at hand; null between attempts.</summary>
    internal LeaseLink? Link { get; set; }

    internal LeaseTicket Ticket { get; set; }

    /// <summary>Attempts that cost one.</summary>
    internal int Attempts { get; set; }

    /// <summary>Attempts as the carrier counts them, healing included.</summary>
    internal int Sends { get; set; }

    internal bool Healed { get; set; }

    internal bool HealsNow { get; set; }

    internal double BackoffState { get; set; }

    /// <summary>The replicas where it failed, as a set of bits.</summary>
    internal ulong FailedAt { get; set; }

    internal void Start(CallId id, DateTimeOffset deadline, in CallKnowledge known)
    {
        Id = id;
        Deadline = deadline;
        Known = known;
        Waits = Healed = HealsNow = false;
        Link = null;
        Ticket = default;
        Attempts = Sends = 0;
        BackoffState = 0;
        FailedAt = 0;
    }
}
