using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Lease;

namespace McpActors.Cluster.Tests.Serialization;

/// <summary>Lease messages, for the golden files; never edited, only added to.</summary>
internal static class LeaseSamples
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 19, 0, 0, 123, TimeSpan.Zero);
    private static readonly ServerId Search = new("search");
    private static readonly HolderId Holder = new("10.0.0.2:4053", 7);
    private static readonly LeaseEpoch Epoch = new(At.UtcTicks, 3, 17);

    /// <summary>By manifest, with a suffix where there are several.</summary>
    public static IEnumerable<(string Name, object Sample)> All() =>
    [
        ("lease-report-v1", new LeaseProtocol.Report(Search, new LeaseReport
        {
            Holder = Holder,
            Number = 5,
            SentAt = At,
            Applied = Epoch,
            Permits = 12,
            InUse = 9,
            Wanted = 14,
            Inherited = 4,
            RetriesLeft = 2,
            Batches =
            [
                new OutcomeBatch(3, 8, 20, [new OutcomeRun(2, CircuitVerdict.Success, false, false, false, 19), new OutcomeRun(2, CircuitVerdict.Failure, true, true, false, 1)]),
                new OutcomeBatch(3, 9, 0, [new OutcomeRun(2, CircuitVerdict.NoVerdict, false, true, true, 1)]),
            ],
        })),
        ("lease-report-v1.failed", new LeaseProtocol.Report(Search, new LeaseReport
        {
            Holder = Holder,
            Number = 8,
            SentAt = At,
            Batches = [new OutcomeBatch(3, 10, 2, [new OutcomeRun(2, CircuitVerdict.Failure, false, false, false, 2) { Result = AttemptResult.ServerError }])],
        })),
        ("lease-report-v1.replicas", new LeaseProtocol.Report(Search, new LeaseReport
        {
            Holder = Holder,
            Number = 9,
            SentAt = At,
            Batches =
            [
                new OutcomeBatch(3, 11, 4,
                [
                    new OutcomeRun(2, CircuitVerdict.Success, false, false, false, 3) { Endpoint = 2 },
                    new OutcomeRun(2, CircuitVerdict.Failure, false, true, false, 1) { Result = AttemptResult.ConnectFailed, Endpoint = 1, Own = true },
                ]),
            ],
        })),
        ("lease-tell-v1.left-out", new LeaseProtocol.Tell(Search, new LeaseGrant
        {
            Holder = Holder,
            Epoch = Epoch,
            Permits = 16,
            Circuit = CircuitState.Initial,
            LeftOut = [new LeftOutReplica(1, At.UtcTicks, TimeSpan.FromSeconds(30)), new LeftOutReplica(3, At.UtcTicks + 1, TimeSpan.Zero)],
        })),
        ("lease-report-v1.released", new LeaseProtocol.Report(Search, new LeaseReport { Holder = Holder, Number = 6, SentAt = At, Releases = true })),
        ("lease-tell-v1", new LeaseProtocol.Tell(Search, new LeaseGrant
        {
            Holder = Holder,
            Epoch = Epoch,
            Permits = 16,
            Fresh = 4,
            Retries = 3,
            Circuit = CircuitState.Initial with { Since = At, Reason = "3 half-open calls succeeded", Recovered = true },
            Phase = 4,
            Answers = 5,
            AskedAt = At,
            Confirmed = 9,
            Facts = new LeaseFacts("abc", "2026-07-28"),
        })),
        ("lease-tell-v1.facts", new LeaseProtocol.Tell(Search, new LeaseGrant
        {
            Holder = Holder,
            Epoch = Epoch,
            Permits = 1,
            Circuit = CircuitState.Initial,
            Facts = new LeaseFacts("abc", "2026-07-28", """{"name":"search"}""", "r1 abc"),
        })),
        ("lease-who-holds-v1", new LeaseProtocol.WhoHolds(Search, 0)),
        ("lease-who-holds-v1.owner", new LeaseProtocol.WhoHolds(Search, (7L << 32) | 12)),
        ("lease-report-v1.asked", new LeaseProtocol.Report(Search, new LeaseReport { Holder = Holder, Number = 7, SentAt = At, AskedBy = (7L << 32) | 12 })),
        ("lease-holds-none-v1", new LeaseProtocol.HoldsNone(Search, -7)),
        ("lease-tell-v1.opened", new LeaseProtocol.Tell(Search, new LeaseGrant
        {
            Holder = Holder,
            Epoch = Epoch,
            Circuit = CircuitState.Initial with { Phase = CircuitPhase.Open, Since = At, Until = At.AddSeconds(10), Reason = "5 failures in a row", OpenCount = 1 },
            Phase = 5,
            CircuitRest = TimeSpan.FromSeconds(10),
            Confirmed = 9,
        })),
    ];
}
