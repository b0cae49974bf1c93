using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Retry;

namespace McpActors.Core.Tests.Servers.Lease;

/// <summary>One owner and some holders whose messages go when the test says so.</summary>
internal sealed class LeasePair
{
    private readonly List<BulkheadSignal<long>> _signals = [];
    private long _call;
    private long _owner;

    internal LeasePair(int holders = 2, int permits = 20, LeaseOptions? options = null, bool settled = true)
    {
        Options = options ?? Patient;
        Permits = permits;
        Owner = NewOwner();
        Holders = [.. Enumerable.Range(0, holders).Select(i => new LeaseHolder<long>(new HolderId($"n{i}", 1), Options, Circuits, new BulkheadOptions { Max = permits, Queue = 4 }))];
        if (settled)
        {
            Owner.ConcludeTakeover(Now);
        }
    }

    internal static CircuitOptions Circuits { get; } = new();

    /// <summary>A lease is kept while the time of a test passes without a call.</summary>
    internal static LeaseOptions Patient { get; } = LeaseOptions.Default with { IdleRelease = TimeSpan.FromMinutes(1) };

    internal LeaseOptions Options { get; }

    internal int Permits { get; }

    internal DateTimeOffset Now { get; private set; } = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);

    internal CircuitMachine Circuit { get; private set; } = new(Circuits);

    internal LeaseGrantor Owner { get; private set; }

    internal LeaseHolder<long>[] Holders { get; }

    internal LeaseGrantor NewOwner(DateTimeOffset? started = null)
    {
        Circuit = new CircuitMachine(Circuits);
        var setup = new LeaseOwnerSetup(started ?? Now, ++_owner, Permits, Options, Circuits, new LeaseFacts("same"));
        return Owner = new LeaseGrantor(setup, Circuit, new RetryBudget(RetryOptions.Default.Budget), Now);
    }

    internal void Advance(double seconds) => Now += TimeSpan.FromSeconds(seconds);

    internal LeaseAdmission Call(int holder, out long call) =>
        Holders[holder].TryAdmit(call = ++_call, call, Now.AddSeconds(30), Now);

    internal LeaseAdmission Call(int holder) => Call(holder, out _);

    internal void End(int holder, long call, LeaseTicket ticket, AttemptResult result = AttemptResult.Success)
    {
        Holders[holder].Record(ticket, new AttemptOutcome(result, true, false, TimeSpan.FromMilliseconds(5)), Now);
        Holders[holder].Leave(call, Now, _signals);
    }

    internal void Fail(int holder, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var admission = Call(holder, out var call);
            admission.IsAdmitted.ShouldBeTrue();
            End(holder, call, admission.Ticket, AttemptResult.Timeout);
        }
    }

    /// <summary>A report; of a holder that had no call yet, after one.</summary>
    internal LeaseReport Report(int holder)
    {
        if (Holders[holder].Snapshot(Now).Epoch.IsNone)
        {
            Call(holder).Reason.ShouldBe(LeaseReason.NoLease);
        }

        return Holders[holder].TakeReport(Now);
    }

    internal LeaseReceipt Receive(LeaseReport report) => Owner.Receive(report, Now);

    /// <summary>Takes what the owner wants to send.</summary>
    internal List<LeaseGrant> Sent()
    {
        List<LeaseGrant> sent = [.. Owner.Outbox];
        Owner.Outbox.Clear();
        return sent;
    }

    internal bool Deliver(LeaseGrant grant) => Holders[grant.Holder.Node[1] - '0'].Apply(grant, Now, _signals);

    internal void DeliverAll() => Sent().ForEach(grant => Deliver(grant));

    /// <summary>A round: these report, the owner answers, all is delivered.</summary>
    internal LeasePair Round(params int[] holders)
    {
        foreach (var holder in holders)
        {
            Receive(Report(holder)).Kind.ShouldBe(LeaseReceiptKind.Taken);
            DeliverAll();
        }

        return this;
    }

    internal int PermitsOf(int holder) => Holders[holder].Snapshot(Now).Permits;
}
