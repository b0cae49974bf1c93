using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;

namespace McpActors.Core.Servers.Lease;

/// <summary>Outcomes of the same kind that came one after the other: the order is kept, since failures in a row count.</summary>
/// <param name="Phase">The phase of the owner's circuit that admitted them.</param>
/// <param name="Verdict">What they say about the server.</param>
/// <param name="Slow">Whether they were slow.</param>
/// <param name="Unreachable">Whether nobody was there to take them.</param>
/// <param name="Refused">Instead of an outcome: calls that ended because all endpoints refused the connection.</param>
/// <param name="Count">How many.</param>
public readonly record struct OutcomeRun(long Phase, CircuitVerdict Verdict, bool Slow, bool Unreachable, bool Refused, int Count)
{
    /// <summary>How they ended, of failures; to be shown.</summary>
    public AttemptResult? Result { get; init; }

    /// <summary>The replica that they were sent to: its place in the configuration.</summary>
    public int Endpoint { get; init; }

    /// <summary>Whether they are that replica's own affair: the server's circuit does not count them.</summary>
    public bool Own { get; init; }
}

/// <summary>A replica that the owner leaves out.</summary>
/// <param name="Endpoint">Its place in the configuration.</param>
/// <param name="Ejection">Names this ejection: a holder takes it once, and may find out for itself that the replica is back.</param>
/// <param name="Rest">How long it is left out yet; zero when it may be tried.</param>
public readonly record struct LeftOutReplica(int Endpoint, long Ejection, TimeSpan Rest);

/// <summary>What a holder counted, for one owner; sent again until the owner has confirmed it, and counted by it once.</summary>
/// <param name="Owner">The owner's incarnation that it is for.</param>
/// <param name="Number">Rises over the holder's life.</param>
/// <param name="Calls">Calls begun.</param>
/// <param name="Runs">Outcomes in order.</param>
public sealed record OutcomeBatch(long Owner, long Number, int Calls, IReadOnlyList<OutcomeRun> Runs);

/// <summary>A holder tells its owner how it stands, which asks for the lease to be renewed.</summary>
public sealed record LeaseReport
{
    /// <summary>Who.</summary>
    public required HolderId Holder { get; init; }

    /// <summary>Counts the reports of this holder.</summary>
    public required long Number { get; init; }

    /// <summary>The holder's own time; comes back with the answer, because a lease is good from the moment it was asked for.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>The epoch of the last message taken.</summary>
    public LeaseEpoch Applied { get; init; }

    /// <summary>Permits that it may use; 0 when its lease has run out. Calls beyond them, from before, entitle to nothing.</summary>
    public int Permits { get; init; }

    /// <summary>Calls on their way, those that outlived a lease included.</summary>
    public int InUse { get; init; }

    /// <summary>Most calls at once, those that waited included, since the report before.</summary>
    public int Wanted { get; init; }

    /// <summary>Permits that it brought along when it first took a message of this owner.</summary>
    public int Inherited { get; init; }

    /// <summary>Retries that are left.</summary>
    public int RetriesLeft { get; init; }

    /// <summary>
    /// The owner that asked last what this node has, by its incarnation; 0: none did. From that question on nothing of another owner counts that was not asked for
    /// since, so what this report says is all that there can be of a former one.
    /// </summary>
    public long AskedBy { get; init; }

    /// <summary>Gives the lease back: it admits nothing more until it has an answer to a later report.</summary>
    public bool Releases { get; init; }

    /// <summary>What the owner has not confirmed, oldest first.</summary>
    public IReadOnlyList<OutcomeBatch> Batches { get; init; } = [];
}

/// <summary>What a holder needs to connect as the owner would.</summary>
/// <param name="Fingerprint">Of the connection's definition: a holder whose own differs asks the owner for each call.</param>
/// <param name="Revision">The protocol revision that the upstream speaks, if it is known.</param>
/// <param name="ServerInfo">What the upstream calls itself: one JSON object.</param>
/// <param name="Tools">
/// Names what the owner knows of the tools: what a holder has learnt under another name says nothing any more. Null: their calls go through the owner.
/// </param>
public sealed record LeaseFacts(string Fingerprint, string? Revision = null, string? ServerInfo = null, string? Tools = null)
{
    /// <summary>Nothing known.</summary>
    public static LeaseFacts None { get; } = new("");
}

/// <summary>What the owner tells a caller on another node beside its admission, so that the next call of the same tool may go under the lease.</summary>
/// <param name="Class">How much the call may be repeated.</param>
/// <param name="Tools">As <see cref="LeaseFacts.Tools"/>.</param>
public sealed record LeaseHint(CallClass Class, string Tools);

/// <summary>What the owner leases, and under which settings.</summary>
/// <param name="Permits">The server's permits.</param>
/// <param name="Leasable">Whether other nodes may admit calls at all; if not, nobody gets a permit.</param>
/// <param name="Circuit">Settings of the circuit.</param>
/// <param name="Facts">How to connect.</param>
public sealed record LeaseTerms(int Permits, bool Leasable, CircuitOptions Circuit, LeaseFacts Facts);

/// <summary>The owner grants, renews, changes or takes a lease.</summary>
public sealed record LeaseGrant
{
    /// <summary>For whom.</summary>
    public required HolderId Holder { get; init; }

    /// <summary>Its version.</summary>
    public required LeaseEpoch Epoch { get; init; }

    /// <summary>Permits in all; more than that may be in use after they became fewer.</summary>
    public int Permits { get; init; }

    /// <summary>
    /// How many of them the owner gives from its own; the others are those that the holder has from a former owner, and no more than it has.
    /// </summary>
    public int Fresh { get; init; }

    /// <summary>Retries to be added.</summary>
    public int Retries { get; init; }

    /// <summary>The owner's circuit. Unless it lets calls pass there are no permits.</summary>
    public required CircuitState Circuit { get; init; }

    /// <summary>Names the circuit's phase; outcomes carry it back.</summary>
    public long Phase { get; init; }

    /// <summary>How long the circuit stays as it is, where that is known: clocks of two nodes differ.</summary>
    public TimeSpan? CircuitRest { get; init; }

    /// <summary>The report that this answers; 0: none, and the lease gets no longer by it.</summary>
    public long Answers { get; init; }

    /// <summary>When that report was sent, by the holder's time.</summary>
    public DateTimeOffset AskedAt { get; init; }

    /// <summary>The last batch of outcomes that is counted.</summary>
    public long Confirmed { get; init; }

    /// <summary>How to connect.</summary>
    public LeaseFacts Facts { get; init; } = LeaseFacts.None;

    /// <summary>All replicas that the owner leaves out.</summary>
    public IReadOnlyList<LeftOutReplica> LeftOut { get; init; } = [];
}

/// <summary>Calls under leases that were sent to one replica, as they are counted.</summary>
/// <param name="Endpoint">The replica.</param>
/// <param name="Verdict">What they came to.</param>
/// <param name="Count">How many.</param>
/// <param name="Result">How they failed, if they did.</param>
public readonly record struct ReplicaOutcome(int Endpoint, CircuitVerdict Verdict, int Count, AttemptResult? Result);
