using McpActors.Cluster.Nodes;
using McpActors.Cluster.Servers;
using McpActors.Core.Protocol.Headers;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bundles;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using McpActors.Core.Servers.Lease;
using McpActors.Core.Servers.Upstream;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Serialization;

// What nodes say to the actors of servers, and what those answer.
internal static partial class WireSamples
{
    private static CallId Call => new((1_234_567_890L << 32) | 7);
    private static ConnectionId Link => new((987_654_321L << 32) | 3);
    private static Parcel Beside => new(1_234_567_890, 5, 100_000, new byte[] { 1, 2, 3, 4 });

    private static CallIntent Intent => new(
        McpMethod.ToolsCall, "read", SlotKey.ForSession("s1"), new CacheKey(new UInt128(1, 2)), new CacheTag(CacheKind.ToolCall, 99), Later,
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    private static PeerInfo Met => new(
        ProtocolRevision.V20260728, """{"tools":{}}"""u8.ToArray(), """{"name":"files"}"""u8.ToArray(), "Be kind.", TimeSpan.FromMinutes(5));

    private static ServerStatus Status => new()
    {
        Server = Files,
        Condition = ServerCondition.Degraded,
        Reason = "its circuit is half-open",
        OwnerNode = "akka.tcp://mcpactors@127.0.0.1:4053",
        Transport = "http",
        Era = ProtocolRevision.V20260728,
        Peer = Met,
        Recovered = true,
        Circuit = new CircuitStatus(CircuitPhase.HalfOpen, CircuitMode.Auto, At, Later, "5 failures in a row", new CircuitCounts(3, 5, 1), 5, 1),
        Cache = new CacheStatus(1, 2, 3, 4, 5, 6, 7),
        Load = new LoadStatus(1, 64, 2, 256, 3, 4, 5, 6, 7),
        LastErrors = [new FailureNote(At, "read", AttemptResult.Timeout, "slow"), new FailureNote(Later, "connect", AttemptResult.ConnectFailed, null)],
        Slots = [new SlotStatus(SlotKey.Shared, "ready", Link, 4711, At, 2, null), new SlotStatus(SlotKey.ForPrincipal("anna"), "backingOff", null, null, Later, 0, "refused")],
        Lists = [new ListStatus(ListKind.Tools, 12, At, true, "abc")],
        Healing = new HealingStatus(1, 2, 3, 4),
    };

    private static IEnumerable<(string Name, object Sample)> Calls() =>
    [
        ("server-admit-v1", new Admit(Files, Call, Intent, Profile)),
        ("server-admit-v1.bare", new Admit(Files, Call, new CallIntent(McpMethod.Unknown, null, SlotKey.Shared, null, default, At) { Refresh = true })),
        ("server-admit-v1.left", new Admit(Files, Call, Intent with { TimeLeft = TimeSpan.FromSeconds(9) })),
        ("server-attempt-failed-v1", new AttemptFailed(
            Files, Call, new AttemptOutcome(AttemptResult.Throttled, true, true, TimeSpan.FromMilliseconds(12), TimeSpan.FromSeconds(2), 429, -32603), Link)),
        ("server-attempt-failed-v1.bare", new AttemptFailed(Files, Call, new AttemptOutcome(AttemptResult.ConnectFailed, false, false, TimeSpan.Zero), Link)),
        ("server-complete-v1", new Complete(
            Files, Call, new AttemptOutcome(AttemptResult.Success, true, true, TimeSpan.FromMilliseconds(3)),
            new CacheFill("""{"content":[]}"""u8.ToArray(), TimeSpan.FromSeconds(30), CacheScope.Public, ProtocolRevision.V20260728), Link)),
        ("server-complete-v1.bare", new Complete(Files, Call, new AttemptOutcome(AttemptResult.ToolError, true, true, TimeSpan.FromMilliseconds(3)), null, Link)),
        ("server-complete-beside-v1", new CompleteBeside(
            Files, Call, new AttemptOutcome(AttemptResult.Success, true, true, TimeSpan.FromMilliseconds(3)), Beside,
            TimeSpan.FromSeconds(30), CacheScope.Private, ProtocolRevision.V20251125, Link)),
        ("server-abandon-v1", new Abandon(Files, Call)),
        ("server-news-v1", new NewsForNodes(Files, SlotKey.Shared, """{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"""u8.ToArray())),
        ("server-release-slot-v1", new ReleaseSlot(Files, SlotKey.ForSession("s1"))),
        ("server-get-status-v1", new GetStatus(Files)),
        ("server-get-catalogue-v1", new GetCatalogue(Files, ListKinds.Tools | ListKinds.ResourceTemplates, Later)),
        ("server-get-catalogue-v1.left", new GetCatalogue(Files, ListKinds.Tools, Later) { TimeLeft = TimeSpan.FromSeconds(9) }),
        ("server-get-catalogue-v1.no-process", new GetCatalogue(Files, ListKinds.Tools, Later) { Effort = ListEffort.NoProcess }),
        ("server-set-circuit-mode-v1", new SetCircuitMode(Files, OperatorCircuitMode.ForcedOpen, "maintenance", TimeSpan.FromHours(2), "anna")),
        ("server-set-circuit-mode-v1.bare", new SetCircuitMode(Files, OperatorCircuitMode.Auto, null, null, "anna")),
        ("server-reset-circuit-v1", new ResetCircuit(Files, "anna")),
        ("server-clear-cache-v1", new ClearCache(Files, "anna")),
        ("server-restart-v1", new Restart(Files, "anna")),
        ("server-bundle-v1", new BundleProtocol.Said(Files, 9, [new Abandon(Files, Call), new Admit(Files, Call, Intent, Profile)])),
        ("server-bundle-v1.reports", new BundleProtocol.Said(
            Files, 0, [new Complete(Files, Call, new AttemptOutcome(AttemptResult.ToolError, true, true, TimeSpan.FromMilliseconds(3)), null, Link)])),
    ];

    private static IEnumerable<(string Name, object Sample)> Answers() =>
    [
        ("server-admitted-v1", new Admitted(Call, Link, 2, TimeSpan.FromSeconds(20), new ToolFacts(
            "read", "h1", [new HeaderParameter(["where", "region"], "Region", "string")], new ToolAnnotations(true, true)))),
        ("server-admitted-v1.fault", new Admitted(Call, Link, 1, TimeSpan.FromSeconds(20), new ToolFacts("read", "h1", [], default)
        {
            HeaderFault = new HeaderSchemaFault(HeaderSchemaRule.NotUnique, "/properties/a"),
        })),
        ("server-admitted-v1.lease", new Admitted(Call, Link, 1, TimeSpan.FromSeconds(20), null) { Lease = new LeaseHint(CallClass.IdempotentTool, "r1 abc") }),
        ("server-admitted-v1.bare", new Admitted(Call, Link, 1, TimeSpan.FromSeconds(55), null)),
        ("server-cache-hit-v1", new CacheHit(Call, """{"content":[]}"""u8.ToArray(), TimeSpan.FromSeconds(9), CacheScope.Private, true, true, ProtocolRevision.V20250618)),
        ("server-rejected-v1", new Rejected(Call, RejectReason.CircuitOpen, At, TimeSpan.FromSeconds(10), "the circuit is open")),
        ("server-rejected-v1.bare", new Rejected(Call, RejectReason.Draining, null, null, "it moves")),
        ("server-profile-required-v1", new ProfileRequired(Call)),
        ("server-gave-up-v1", new GaveUp(Call, GiveUpReason.CircuitOpen, At, TimeSpan.FromSeconds(10), "the circuit opened")),
        ("server-gave-up-v1.bare", new GaveUp(Call, GiveUpReason.UnknownCall, null, null, "it moved")),
        ("server-operator-refused-v1", new OperatorRefused(Files, "the disk is full")),
        ("server-operator-done-v1", new OperatorDone(Files, "the circuit is closed", Status)),
        ("server-status-v1", Status),
        ("server-status-v1.leases", Status with { Leases = new LeasesStatus(30, 4, 2, [new LeaseStatus("10.0.0.2:4053", 32, 7, 9, Later)]) }),
        ("server-status-v1.replicas", Status with
        {
            Slots = [new SlotStatus(SlotKey.Shared, "ready", Link, null, At, 2, null, 1)],
            Replicas =
            [
                new ReplicaStatus(0, "http://one.example/mcp", 2, ReplicaPhase.InUse, null, true, 7, 0, null, null),
                new ReplicaStatus(1, "http://two.example/mcp", 1, ReplicaPhase.Ejected, Later, false, 1, 5, At, "HTTP 503"),
            ],
        }),
        ("server-status-v1.probed-replicas", Status with
        {
            Replicas =
            [
                new ReplicaStatus(0, "http://one.example/mcp", 2, ReplicaPhase.InUse, null, true, 7, 0, null, null)
                {
                    Health = McpActors.Core.Health.HealthVerdict.Unhealthy, ProbedAt = Later,
                },
            ],
        }),
        ("server-status-v1.bare", Status with { Reason = null, OwnerNode = null, Era = null, Peer = null, LastErrors = [], Slots = [], Lists = [] }),
        ("server-status-v1.probed", Status with { LastProbe = new McpActors.Core.Health.ProbeReport(At, McpActors.Core.Health.ProbeResult.Failed, TimeSpan.FromSeconds(5), "no answer") }),
        ("server-catalogue-v1", new CatalogueReply(
            Files,
            ServerCatalogue.Of(Met, [new ListCopy(ListKind.Tools, [], At, TimeSpan.FromSeconds(30), CacheScope.Public, "abc").WithJson(Tools.Items.Span)]),
            true,
            null)),
        ("server-catalogue-v1.none", new CatalogueReply(Files, null, false, "it cannot be reached")),
        ("server-beside-v1", new BesideReply("server-catalogue-v1", Beside)),
        ("server-answers-v1", new BundleProtocol.Answered(
            Files, 9, [new CallAnswer(Call, new Admitted(Call, Link, 1, TimeSpan.FromSeconds(55), null)), new CallAnswer(Call, new BesideReply("server-cache-hit-v1", Beside))])),
        ("server-answers-v1.none", new BundleProtocol.Answered(Files, 9, [])),
    ];
}
