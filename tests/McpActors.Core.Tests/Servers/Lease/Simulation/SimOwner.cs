using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Tests.Servers.Lease.Simulation;

/// <summary>One incarnation of the owner: circuit, budget, leases, its own calls, and its journal numbers.</summary>
internal sealed class SimOwner
{
    /// <summary>Replicas of the server.</summary>
    internal const int Replicas = 3;

    internal static readonly CircuitOptions Circuits = new()
    {
        Window = TimeSpan.FromHours(1),
        MinimumCalls = 20,
        OpenFor = TimeSpan.FromSeconds(1),
        MaxOpenFor = TimeSpan.FromSeconds(4),
        HalfOpenCalls = 2,
        HalfOpenMaxWait = TimeSpan.FromSeconds(3),
    };

    internal SimOwner(long id, SimNode node, SimSchedule schedule, SimJournal journal, Sabotage sabotage)
    {
        Id = id;
        Node = node;
        Circuit = new CircuitMachine(Circuits, journal.State);
        NextEvent = journal.Next;
        var options = sabotage == Sabotage.ForgetGrace ? schedule.Options with { Grace = TimeSpan.Zero, Margin = TimeSpan.Zero }
            : sabotage == Sabotage.NeverReturn ? schedule.Options with { Margin = TimeSpan.FromMinutes(1) } : schedule.Options;
        var setup = new LeaseOwnerSetup(node.WallNow, id, schedule.Permits, options, Circuits, LeaseFacts.None);
        Grantor = new LeaseGrantor(setup, Circuit, new RetryBudget(0.2), node.Now);
        if (sabotage == Sabotage.ForgetTakeover)
        {
            Grantor.ConcludeTakeover(node.Now);
        }
    }

    internal long Id { get; }

    internal SimNode Node { get; }

    internal CircuitMachine Circuit { get; }

    internal LeaseGrantor Grantor { get; }

    /// <summary>The number of its next event in the journal.</summary>
    internal long NextEvent { get; set; }

    /// <summary>When the last of its events is stored.</summary>
    internal long StoredAt { get; set; }

    internal bool Running { get; set; } = true;

    /// <summary>Nodes that have not said yet what they hold of a predecessor's; null when nobody is waited for.</summary>
    internal HashSet<HolderId>? Unheard { get; set; }

    internal int OwnInUse { get; set; }

    /// <summary>Outcomes of its own calls, by phase.</summary>
    internal Dictionary<long, int> OwnOutcomes { get; } = [];

    /// <summary>Outcomes that it counted by replica.</summary>
    internal int Counted { get; set; }

    /// <summary>What it leaves out.</summary>
    internal IReadOnlyList<ReplicaEjection> LeftOut { get; set; } = [];

    /// <summary>Since when its circuit has not been closed, in true time.</summary>
    internal long? OpenSince { get; set; }

    internal CircuitAdmission TryOwn() => OwnInUse < Grantor.OwnLimit ? Circuit.TryAdmit(Node.Now) : new CircuitAdmission(CircuitRejection.Open, default, null, default);

    internal CircuitTransitions EndOwn(CircuitTicket ticket, CircuitVerdict verdict)
    {
        if (ticket.Epoch == Circuit.Epoch && Circuit.State.Phase == CircuitPhase.Closed)
        {
            OwnOutcomes[ticket.Epoch] = OwnOutcomes.GetValueOrDefault(ticket.Epoch) + 1;
        }

        OwnInUse--;
        return Circuit.Record(new CircuitSample(ticket, verdict, TimeSpan.FromMilliseconds(10)), Node.Now);
    }
}
