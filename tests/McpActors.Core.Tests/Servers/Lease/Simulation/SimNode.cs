using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;

namespace McpActors.Core.Tests.Servers.Lease.Simulation;

/// <summary>A node with a clock of its own, and one life after the other; each life is a new holder.</summary>
internal sealed class SimNode(int index, Simulation world, double rate, TimeSpan skew)
{
    private static readonly DateTimeOffset Origin = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);

    internal int Index { get; } = index;

    internal bool Alive { get; private set; }

    internal long Incarnation { get; private set; }

    /// <summary>Which side of a partition it is on.</summary>
    internal int Side { get; set; }

    /// <summary>Until when it does nothing, though it lives.</summary>
    internal long PausedUntil { get; set; }

    internal HolderId Id => new($"n{Index}", Incarnation);

    internal LeaseHolder<long> Holder { get; private set; } = null!;

    /// <summary>Calls under the lease; true: the call has outlived it.</summary>
    internal Dictionary<long, SimCall> Running { get; } = [];

    /// <summary>The highest epoch that has come to this life, and whether its circuit lets calls pass.</summary>
    internal LeaseEpoch Newest { get; set; }

    internal bool NewestIsClosed { get; set; }

    /// <summary>When the newest report that was answered had been sent, by this clock.</summary>
    internal DateTimeOffset? AnsweredAt { get; set; }

    /// <summary>Outcomes under the lease in this life, by owner and phase.</summary>
    internal Dictionary<(long Owner, long Phase), int> Outcomes { get; } = [];

    /// <summary>All outcomes under the lease in this life that its owner counts by replica, by owner.</summary>
    internal Dictionary<long, int> Sent { get; } = [];

    /// <summary>What the newest message says is left out.</summary>
    internal IReadOnlyList<LeftOutReplica> LeftOut { get; set; } = [];

    /// <summary>By this node's steady clock, which runs a little wrong.</summary>
    internal DateTimeOffset Now => Origin + TimeSpan.FromTicks((long)(world.Time * rate));

    /// <summary>By its clock on the wall, which is wrong.</summary>
    internal DateTimeOffset WallNow => Now + skew;

    internal bool IsLive => Alive && Now < Holder.GoodUntil;

    /// <summary>Permits that count against the bound: those that may be used, or still are, under a lease that lives.</summary>
    internal int Charged
    {
        get
        {
            if (!IsLive)
            {
                return 0;
            }

            var inUse = 0;
            foreach (var call in Running.Values)
            {
                inUse += call.Outlived ? 0 : 1;
            }

            return Math.Max(Holder.PermitsAt(Now), inUse);
        }
    }

    internal void Start(SimSchedule schedule, Sabotage sabotage)
    {
        Alive = true;
        Incarnation++;
        var options = sabotage == Sabotage.NeverExpire ? schedule.Options with { Grace = TimeSpan.FromMinutes(10) } : schedule.Options;
        Holder = new LeaseHolder<long>(Id, options, SimOwner.Circuits, new BulkheadOptions { Max = schedule.Permits, Queue = 5, QueueTimeout = TimeSpan.FromSeconds(1) });
        Running.Clear();
        Outcomes.Clear();
        Sent.Clear();
        LeftOut = [];
        Newest = default;
        NewestIsClosed = false;
        AnsweredAt = null;
    }

    internal void Crash()
    {
        Alive = false;
        PausedUntil = 0;
        Running.Clear();
    }

    /// <summary>A call that runs on after its lease ended holds no permit any more; it ends by its deadline.</summary>
    internal void Outlive()
    {
        if (IsLive)
        {
            return;
        }

        foreach (var call in Running.Values)
        {
            call.Outlived = true;
        }
    }
}

/// <summary>A call under a lease.</summary>
internal sealed class SimCall(LeaseTicket ticket)
{
    internal LeaseTicket Ticket { get; } = ticket;

    internal bool Outlived { get; set; }
}

/// <summary>A call that the owner admitted.</summary>
internal sealed record SimOwnCall(SimOwner Owner, CircuitTicket Ticket);
