namespace McpActors.Cluster.Persistence;

/// <summary>How the journal of this node does. Calls go on in both states; only what must be stored before it is answered is refused while degraded.</summary>
public abstract record JournalState
{
    private JournalState()
    {
    }

    /// <summary>The last thing that was written is stored.</summary>
    public sealed record Ok : JournalState
    {
        /// <summary>The one instance.</summary>
        public static Ok Instance { get; } = new();
    }

    /// <summary>Writes fail or wait.</summary>
    /// <param name="Reason">What the store said, without paths and secrets.</param>
    /// <param name="Since">When the first of these failures was seen.</param>
    /// <param name="Queued">Events that wait for the store.</param>
    public sealed record Degraded(string Reason, DateTimeOffset Since, int Queued) : JournalState;
}

/// <summary>What readiness, metrics and the status pages ask about the journal. Reads are lock-free and never wait.</summary>
public interface IJournalHealth
{
    /// <summary>The state now.</summary>
    JournalState State { get; }

    /// <summary>Events that wait for the store, in all recorders of this node.</summary>
    int Queued { get; }

    /// <summary>Events given up because a recorder's queue was full during an outage, since the start of the node.</summary>
    long Dropped { get; }

    /// <summary>Entities of this node that stopped because somebody else wrote their history, since the start of the node.</summary>
    long SecondWriters { get; }
}

/// <summary>Collects what every recorder of the node and the probe see of the journal.</summary>
internal sealed class JournalHealth(TimeProvider time) : IJournalHealth
{
    /// <summary>A recorder that failed tries again within its back-off; if none has failed for this long, the probe's word is enough.</summary>
    private static readonly TimeSpan FailureCounts = TimeSpan.FromSeconds(15);

    private sealed record Fault(string Reason, DateTimeOffset Since, DateTimeOffset Last);

    /// <summary>Between two warnings of recorders: an outage concerns all of them, and there may be ten thousand.</summary>
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromSeconds(5);

    private Fault? _fault;
    private long _warnAgainAt;
    private int _queued;
    private long _dropped;
    private long _secondWriters;

    public int Queued => Volatile.Read(ref _queued);

    public long Dropped => Interlocked.Read(ref _dropped);

    public long SecondWriters => Interlocked.Read(ref _secondWriters);

    public JournalState State => Volatile.Read(ref _fault) is { } fault
        ? new JournalState.Degraded(fault.Reason, fault.Since, Queued)
        : JournalState.Ok.Instance;

    /// <summary>An event was stored: an outage, if there was one, is over.</summary>
    public void Succeeded() => Volatile.Write(ref _fault, null);

    /// <summary>The probe could write. That is not yet what recorders need, so a failure of theirs counts a while longer.</summary>
    public void Probed()
    {
        if (Volatile.Read(ref _fault) is { } fault && (Queued == 0 || time.GetUtcNow() - fault.Last > FailureCounts))
            Interlocked.CompareExchange(ref _fault, null, fault);
    }

    /// <summary>Something could not be stored or read. The first failure gives the time, the last one the reason.</summary>
    public void Failed(string reason)
    {
        var now = time.GetUtcNow();
        Volatile.Write(ref _fault, new Fault(reason, Volatile.Read(ref _fault)?.Since ?? now, now));
    }

    /// <summary>Whether a recorder that begins to fail is to warn of it; the others say it to who debugs.</summary>
    public bool MayWarn()
    {
        var (now, due) = (time.GetUtcNow().UtcTicks, Volatile.Read(ref _warnAgainAt));
        return now >= due && Interlocked.CompareExchange(ref _warnAgainAt, now + BetweenWarnings.Ticks, due) == due;
    }

    /// <summary>An entity lost its place in the journal to another writer.</summary>
    public void FoundSecondWriter() => Interlocked.Increment(ref _secondWriters);

    /// <summary>Events began to wait.</summary>
    public void Enqueued(int count) => Interlocked.Add(ref _queued, count);

    /// <summary>Events wait no longer: stored, replaced or refused.</summary>
    public void Dequeued(int count) => Interlocked.Add(ref _queued, -count);

    /// <summary>Events wait no longer: given up.</summary>
    public void Gave(int count)
    {
        Interlocked.Add(ref _dropped, count);
        Interlocked.Add(ref _queued, -count);
    }
}
