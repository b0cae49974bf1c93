using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Tests.Servers.Lease.Simulation;

/// <summary>The journal of one server: an event is stored under a number, and a number only once.</summary>
internal sealed class SimJournal(bool fenced)
{
    private readonly HashSet<long> _replaced = [];
    private long _writer;

    internal CircuitState State { get; private set; } = CircuitState.Initial;

    internal long Next { get; private set; } = 1;

    /// <summary>Stores an event; false when another owner has stored one under its number.</summary>
    internal bool Write(long owner, long number, CircuitEvent change)
    {
        if (number != Next && fenced)
        {
            return false;
        }

        if (_replaced.Contains(owner))
        {
            throw new SimViolation($"owner {owner} wrote after another had");
        }

        if (_writer != owner && _writer != 0)
        {
            _replaced.Add(_writer);
        }

        _writer = owner;
        Next = number + 1;
        try
        {
            State = State.Evolve(change);
        }
        catch (InvalidOperationException impossible)
        {
            throw new SimViolation($"the journal does not replay: {impossible.Message}");
        }

        return true;
    }
}

/// <summary>An invariant does not hold.</summary>
internal sealed class SimViolation(string message) : Exception(message);
