using System.Collections.Concurrent;

namespace McpActors.MockServer;

/// <summary>The rules of misbehaviour in force. The first rule that meets a request acts; rules are looked at in the order they were added.</summary>
public sealed class Behaviour
{
    private readonly Lock _lock = new();
    private readonly List<Rule> _rules = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);

    /// <summary>Adds a rule.</summary>
    public Behaviour Add(Fault fault)
    {
        lock (_lock)
            _rules.Add(new Rule(fault));
        return this;
    }

    /// <summary>Removes every rule and opens every gate.</summary>
    public void Clear()
    {
        lock (_lock)
            _rules.Clear();
        foreach (var gate in _gates.Keys)
            Release(gate);
    }

    /// <summary>Lets everything pass that waits at the gate, now and later, until <see cref="Close"/>.</summary>
    public void Release(string gate = "gate") => GateOf(gate).TrySetResult();

    /// <summary>Closes a gate that was released.</summary>
    public void Close(string gate = "gate") => _gates.TryRemove(gate, out _);

    internal Task WaitAsync(string gate, CancellationToken cancellation) => GateOf(gate).Task.WaitAsync(cancellation);

    /// <summary>The fault that meets this request, if any; counts it.</summary>
    internal Fault? Take(string method, string? tool)
    {
        lock (_lock)
        {
            foreach (var rule in _rules)
            {
                if (rule.Meets(method, tool) && rule.Acts())
                    return rule.Fault;
            }
        }

        return null;
    }

    private TaskCompletionSource GateOf(string gate) =>
        _gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class Rule(Fault fault)
    {
        private int _seen;
        private int _acted;

        public Fault Fault => fault;

        public bool Meets(string method, string? tool) =>
            (fault.Method is null || fault.Method == method) && (fault.Tool is null || fault.Tool == tool);

        public bool Acts()
        {
            var turn = _seen++ - fault.Skip;
            if (turn < 0 || (fault.Times is { } times && _acted >= times))
                return false;
            if (fault.Fail > 0 && turn % (fault.Fail + fault.Pass) >= fault.Fail)
                return false;
            _acted++;
            return true;
        }
    }
}
