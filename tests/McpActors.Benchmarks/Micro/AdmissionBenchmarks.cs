using BenchmarkDotNet.Attributes;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Retry;

namespace McpActors.Benchmarks.Micro;

/// <summary>What the server actor decides for one successful call. Goal: at most 1 µs and no allocation.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class AdmissionBenchmarks
{
    private readonly CircuitMachine _circuit = new(CircuitOptions.Default);
    private readonly Bulkhead<object> _bulkhead = new(BulkheadOptions.Default);
    private readonly RetryBudget _budget = new(RetryOptions.Default.Budget);
    private readonly List<BulkheadSignal<object>> _signals = [];
    private readonly ReplicaBalancer _replicas = new([2, 1, 1], EjectionOptions.Default);
    private readonly object _waiter = new();
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;
    private long _call;

    /// <summary>Circuit alone: admit and record.</summary>
    [Benchmark]
    public bool Circuit()
    {
        _now = _now.AddTicks(10_000);
        var admission = _circuit.TryAdmit(_now);
        _circuit.Record(new CircuitSample(admission.Ticket, CircuitVerdict.Success, TimeSpan.FromMilliseconds(3)), _now);
        return admission.Allowed;
    }

    /// <summary>Choosing one of three replicas and recording its call.</summary>
    [Benchmark]
    public int Replica()
    {
        _now = _now.AddTicks(10_000);
        var replica = _replicas.Pick(default, _now, out _);
        _replicas.Record(replica, new AttemptOutcome(AttemptResult.Success, true, true, TimeSpan.FromMilliseconds(3)), _now);
        return replica;
    }

    /// <summary>Circuit, permit and retry budget of one call.</summary>
    [Benchmark(Baseline = true)]
    public bool CircuitBulkheadAndBudget()
    {
        _now = _now.AddTicks(10_000);
        var call = ++_call;
        var admission = _circuit.TryAdmit(_now);
        _bulkhead.TryEnter(call, _waiter, _now.AddSeconds(55), _now);
        _budget.RecordCall(_now);
        _circuit.Record(new CircuitSample(admission.Ticket, CircuitVerdict.Success, TimeSpan.FromMilliseconds(3)), _now);
        _bulkhead.Leave(call, _now, _signals);
        return admission.Allowed;
    }
}
