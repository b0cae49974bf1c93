using System.Diagnostics;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Deadlines;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Retry;
using Xunit.Abstractions;

namespace McpActors.Core.Tests.Servers;

/// <summary>The path of every call: no byte is allocated unless something changes.</summary>
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Calls = 100_000;
    private static readonly DateTimeOffset Start = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Admitting_and_recording_a_call_allocates_nothing()
    {
        var path = new HotPath();
        AllocatedBy(path.Run).ShouldBe(0);
        path.Admitted.ShouldBe(2 * Calls);
    }

    [Fact]
    public void Admitting_and_recording_a_call_under_a_lease_allocates_nothing()
    {
        var holder = Leased();
        var signals = new List<BulkheadSignal<object?>>();
        var (call, admitted) = (0L, 0);
        AllocatedBy(() =>
        {
            for (var i = 0; i < Calls; i++)
            {
                var now = Start.AddTicks(call++ * 20);
                var admission = holder.TryAdmit(call, null, now + TimeSpan.FromSeconds(55), now);
                admitted += admission.IsAdmitted ? 1 : 0;
                holder.Record(admission.Ticket, new AttemptOutcome(AttemptResult.Success, true, false, TimeSpan.FromMilliseconds(3)), now);
                holder.Leave(call, now, signals);
            }
        }).ShouldBe(0);
        admitted.ShouldBe(2 * Calls);
    }

    [Fact]
    public void Choosing_a_replica_and_recording_the_call_allocates_nothing()
    {
        var balancer = new ReplicaBalancer([2, 1, 1], EjectionOptions.Default);
        var (call, chosen) = (0L, 0L);
        AllocatedBy(() =>
        {
            for (var i = 0; i < Calls; i++)
            {
                var now = Start.AddTicks(call++ * 2000);
                var replica = balancer.Pick(default, now, out _);
                chosen += replica == 0 ? 1 : 0;
                balancer.Record(replica, new AttemptOutcome(AttemptResult.Success, true, false, TimeSpan.FromMilliseconds(3)), now);
            }
        }).ShouldBe(0);
        chosen.ShouldBeInRange(Calls - 2, Calls + 2, "half of all");
    }

    [Fact]
    public void Rejecting_a_call_on_an_open_circuit_allocates_nothing()
    {
        var machine = new CircuitMachine(CircuitOptions.Default);
        machine.CrashLoop("test", Start);
        var rejected = 0;
        AllocatedBy(() =>
        {
            for (var i = 0; i < Calls; i++)
            {
                rejected += machine.TryAdmit(Start).Allowed ? 0 : 1;
            }
        }).ShouldBe(0);
        rejected.ShouldBe(2 * Calls);
    }

    [Fact]
    public void Cache_hit_and_its_key_allocate_nothing()
    {
        var cache = new CallCache(CacheOptions.Default);
        var key = CacheKey.Compute("me"u8, "tools/list"u8, "{}"u8);
        cache.Put(Cache.CallCacheTests.Entry(1) with { Key = key }, 0);
        var hits = 0;
        AllocatedBy(() =>
        {
            for (var i = 0; i < Calls; i++)
            {
                var found = cache.Lookup(CacheKey.Compute("me"u8, "tools/list"u8, "{}"u8), CacheKind.ToolsList, Start);
                hits += found.Freshness == CacheFreshness.Fresh ? 1 : 0;
            }
        }).ShouldBe(0);
        hits.ShouldBe(2 * Calls);
    }

    private static LeaseHolder<object?> Leased()
    {
        var owner = new LeaseGrantor(
            new LeaseOwnerSetup(Start, 1, 64, LeaseOptions.Default, CircuitOptions.Default, LeaseFacts.None),
            new CircuitMachine(CircuitOptions.Default), new RetryBudget(0.2), Start);
        owner.ConcludeTakeover(Start);
        var holder = new LeaseHolder<object?>(new HolderId("n", 1), LeaseOptions.Default, CircuitOptions.Default, BulkheadOptions.Default);
        holder.TryAdmit(0, null, Start.AddSeconds(1), Start).Verdict.ShouldBe(LeaseVerdict.AskOwner);
        owner.Receive(holder.TakeReport(Start), Start);
        holder.Apply(owner.Outbox.Single(), Start, []).ShouldBeTrue();
        return holder;
    }

    private long AllocatedBy(Action run)
    {
        run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        run();
        var time = Stopwatch.GetElapsedTime(started);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine($"{time.TotalNanoseconds / Calls:0} ns and {(double)allocated / Calls:0.###} B a call");
        return allocated;
    }

    /// <summary>Circuit, bulkhead, budget and deadline as the actor composes them.</summary>
    private sealed class HotPath
    {
        private static readonly TimeSpan Call = TimeSpan.FromSeconds(55);
        private readonly CircuitMachine _circuit = new(CircuitOptions.Default);
        private readonly Bulkhead<object?> _bulkhead = new(BulkheadOptions.Default);
        private readonly RetryBudget _budget = new(RetryOptions.Default.Budget);
        private readonly RetryPolicy _retry = new(RetryOptions.Default);
        private readonly List<BulkheadSignal<object?>> _signals = [];
        private long _call;

        internal int Admitted { get; private set; }

        internal void Run()
        {
            for (var i = 0; i < Calls; i++)
            {
                // Twenty seconds a run, so that parts of the windows come and go; one failure in twenty.
                var now = Start.AddTicks(_call++ * 2000);
                var deadline = CallDeadline.From(now, Call);
                var admission = _circuit.TryAdmit(now);
                if (!admission.Allowed || _bulkhead.TryEnter(_call, null, deadline.End, now).Verdict != BulkheadVerdict.Granted)
                {
                    continue;
                }

                Admitted++;
                _budget.RecordCall(now);
                var result = _call % 20 == 0 ? AttemptResult.Timeout : AttemptResult.Success;
                var outcome = new AttemptOutcome(result, Sent: true, FirstByte: false, TimeSpan.FromMilliseconds(3));
                _circuit.Record(CircuitSample.Of(admission.Ticket, outcome), now);
                _retry.Decide(new RetryContext(CallClass.ReadOnlyTool, outcome, 1, deadline.Remaining(now)), 0.5, _budget, now);
                _bulkhead.Leave(_call, now, _signals);
            }
        }
    }
}
