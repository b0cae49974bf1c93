using McpActors.Core.Servers.Calls;

namespace McpActors.Core.Servers.Lease;

/// <summary>
/// What a holder has counted and its owner not yet confirmed. A batch is fixed when it is first sent, and sent again until it is confirmed; a few
/// may be on their way at once. Bounded: beyond <see cref="MostRuns"/> the order of outcomes is given up, their number is not.
/// </summary>
internal sealed class OutcomeLog
{
    private const int MostBatches = 8;
    private const int MostRuns = 1024;

    private readonly List<OutcomeBatch> _sent = [];
    private readonly List<OutcomeRun> _open = [];
    private long _owner;
    private long _number;
    private int _calls;

    /// <summary>Whether something waits to be sent for the first time.</summary>
    internal bool HasNew => _open.Count > 0 || _calls > 0;

    /// <summary>Whether nothing waits to be sent or confirmed.</summary>
    internal bool IsEmpty => !HasNew && _sent.Count == 0;

    /// <summary>The number of the batch that what is added now belongs to.</summary>
    internal long OpenNumber => _number + 1;

    /// <summary>The owner that is counted for.</summary>
    internal long Owner => _owner;

    /// <summary>Another owner: what only the one before could have counted is dropped, since it may have been. Numbers go on: an owner may come back.</summary>
    internal void Restart(long owner)
    {
        _owner = owner;
        _calls = 0;
        _sent.Clear();
        _open.Clear();
    }

    /// <summary>Counts a call that begins.</summary>
    internal void CountCall() => _calls++;

    /// <summary>Adds an outcome. Of successes one after the other, at whichever replicas, the order says nothing.</summary>
    internal void Add(in OutcomeRun outcome)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var run = _open[i];
            if (run with { Count = outcome.Count } == outcome)
            {
                _open[i] = run with { Count = run.Count + outcome.Count };
                return;
            }

            if (_open.Count < MostRuns && !(run.Verdict == CircuitVerdict.Success && outcome.Verdict == CircuitVerdict.Success))
            {
                break;
            }
        }

        _open.Add(outcome);
    }

    /// <summary>All that is not confirmed, oldest first; what is new becomes a batch if not too many are on their way.</summary>
    internal IReadOnlyList<OutcomeBatch> Send()
    {
        if (HasNew && _sent.Count < MostBatches)
        {
            _sent.Add(new OutcomeBatch(_owner, ++_number, _calls, [.. _open]));
            _calls = 0;
            _open.Clear();
        }

        return _sent.Count == 0 ? [] : [.. _sent];
    }

    /// <summary>The owner has counted all up to this number.</summary>
    internal void Confirm(long number) => _sent.RemoveAll(batch => batch.Number <= number);
}
