using static McpActors.Cluster.Persistence.RecorderProtocol;

namespace McpActors.Cluster.Persistence;

/// <summary>One thing a recorder has to store: an event, or the state as it is at this place of the queue.</summary>
internal sealed class PendingRecord(Record? record, object? snapshot)
{
    public Record? Record { get; } = record;

    public object? Snapshot { get; } = snapshot;

    /// <summary>The entity was told that this one is not stored; a late write surfaces.</summary>
    public bool Refused { get; set; }
}

/// <summary>
/// What waits for the journal, in order, bounded. While the journal is down an event replaces an older one of the same
/// key, so that an outage of an hour holds the last state of each thing and not its history.
/// </summary>
internal sealed class RecorderQueue(int capacity)
{
    private readonly LinkedList<PendingRecord> _waiting = new();
    // Where the last waiting event of each key is. Most queues are empty most of the time, and there are as many as entities.
    private Dictionary<string, LinkedListNode<PendingRecord>>? _byKey;
    private List<PendingRecord> _inFlight = [];

    public int Waiting => _waiting.Count;

    public bool HasInFlight => _inFlight.Count > 0;

    public bool IsEmpty => _waiting.Count == 0 && _inFlight.Count == 0;

    public int Events => _waiting.Count(p => p.Record is not null) + _inFlight.Count;

    public IReadOnlyList<PendingRecord> InFlight => _inFlight;

    /// <summary>Adds an event. Answers how many older ones it displaced.</summary>
    public int Add(Record record)
    {
        var pending = new PendingRecord(record, null);
        if (KeyOf(pending) is not { } key)
        {
            _waiting.AddLast(pending);
            return 0;
        }

        _byKey ??= new Dictionary<string, LinkedListNode<PendingRecord>>(StringComparer.Ordinal);
        var displaced = _byKey.Remove(key, out var older);
        if (displaced)
            _waiting.Remove(older!);
        _byKey[key] = _waiting.AddLast(pending);
        return displaced ? 1 : 0;
    }

    /// <summary>Adds a snapshot; one that still waits is outdated by it.</summary>
    public void AddSnapshot(object state)
    {
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (node.Value.Snapshot is null)
                continue;
            _waiting.Remove(node);
            break;
        }

        _waiting.AddLast(new PendingRecord(null, state));
    }

    /// <summary>Gives up the oldest unconfirmed events beyond the capacity. Answers how many.</summary>
    public int Trim()
    {
        var over = _waiting.Count - capacity;
        var given = 0;
        for (var node = _waiting.First; node is not null && given < over;)
        {
            var next = node.Next;
            if (node.Value.Record is { Confirm: false })
            {
                Remove(node);
                given++;
            }

            node = next;
        }

        return given;
    }

    /// <summary>A snapshot whose turn has come, or null.</summary>
    public object? TakeSnapshot()
    {
        if (HasInFlight || _waiting.First?.Value.Snapshot is not { } state)
            return null;
        _waiting.RemoveFirst();
        return state;
    }

    /// <summary>Moves the next events into flight and answers them.</summary>
    public IReadOnlyList<object> TakeBatch(int max)
    {
        while (_inFlight.Count < max && _waiting.First is { Value.Record: not null } node)
        {
            _inFlight.Add(node.Value);
            Remove(node);
        }

        return [.. _inFlight.Select(p => p.Record!.Event)];
    }

    /// <summary>The first so many in flight are settled; answers them.</summary>
    public IReadOnlyList<PendingRecord> Settle(int count)
    {
        var settled = _inFlight[..count];
        _inFlight = _inFlight[count..];
        return settled;
    }

    /// <summary>What was in flight is provably not stored: unconfirmed events wait again at the head, confirmed ones are answered back.</summary>
    public IReadOnlyList<PendingRecord> Return()
    {
        var failed = new List<PendingRecord>();
        for (var i = _inFlight.Count - 1; i >= 0; i--)
        {
            if (_inFlight[i].Record!.Confirm)
                failed.Insert(0, _inFlight[i]);
            else
                _waiting.AddFirst(_inFlight[i]);
        }

        _inFlight = [];
        return failed;
    }

    /// <summary>Finds a confirmed event that is not settled.</summary>
    public PendingRecord? FindConfirm(long id) =>
        _waiting.Concat(_inFlight).FirstOrDefault(p => p.Record is { Confirm: true } record && record.Id == id);

    /// <summary>Takes out a waiting event. False if it is in flight already.</summary>
    public bool Remove(PendingRecord pending) => _waiting.Remove(pending);

    /// <summary>Confirmed events that have not been sent to the journal, taken out.</summary>
    public IReadOnlyList<PendingRecord> TakeWaitingConfirms()
    {
        var taken = _waiting.Where(p => p.Record is { Confirm: true }).ToList();
        foreach (var pending in taken)
            _waiting.Remove(pending);
        return taken;
    }

    private void Remove(LinkedListNode<PendingRecord> node)
    {
        if (KeyOf(node.Value) is { } key && _byKey is { } byKey && byKey.GetValueOrDefault(key) == node)
            byKey.Remove(key);
        _waiting.Remove(node);
    }

    private static string? KeyOf(PendingRecord pending) => pending.Record is { Confirm: false, CoalesceKey: { } key } ? key : null;
}
