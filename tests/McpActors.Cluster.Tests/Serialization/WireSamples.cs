using System.Collections.Immutable;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Nodes;
using McpActors.Core.Discovery;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Security.Keys;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;
using static McpActors.Core.Discovery.DiscoveryProtocol;
using static McpActors.Core.Servers.ServerProtocol;
using static McpActors.Core.Sessions.SessionProtocol;

namespace McpActors.Cluster.Tests.Serialization;

/// <summary>One or more of everything that is stored or sent. The golden files were made from these; a sample is never edited, only added to.</summary>
internal static partial class WireSamples
{
    private const string Session = "0123456789012345678901234567890123456789012";

    private static readonly DateTimeOffset At = new(2026, 11, 22, 19, 0, 0, 123, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = At.AddSeconds(10);
    private static readonly ServerId Files = new("files");
    private static readonly ResourceSubscription Resource = new(Files, "file:///srv/a.txt");

    private static readonly ClientProfile Profile = new(
        ProtocolRevision.V20250618, """{"roots":{"listChanged":true}}"""u8.ToArray(), """{"name":"client","version":"1.0"}"""u8.ToArray());

    private static readonly OverlayEntry Entry = new(Files, """{"url":"http://127.0.0.1:1/mcp"}"""u8.ToArray(), "anna", At);
    private static readonly OverlayEntry Hidden = new(new ServerId("old"), null, "bert", Later);

    private static readonly CircuitState Open = CircuitState.Initial with
    {
        Phase = CircuitPhase.Open,
        Since = At,
        Until = Later,
        Reason = "5 failures in a row",
        OpenCount = 2,
        OpenedByLostTransport = true,
        Recovered = true,
    };

    private static readonly PeerLearned Peer = new(
        Files, At, ProtocolRevision.V20251125, """{"tools":{}}"""u8.ToArray(), """{"name":"files"}"""u8.ToArray(), "Be kind.", "http://127.0.0.1:1/mcp");

    private static readonly ListLearned Tools = new(
        Files, At, ListKind.Tools, "abc", """[{"name":"read","inputSchema":{"type":"object"}}]"""u8.ToArray(), TimeSpan.FromSeconds(30), CacheScope.Public);

    /// <summary>By manifest, with a suffix where there are several.</summary>
    public static IReadOnlyDictionary<string, object> All { get; } = Nodes().Concat(Sessions()).Concat(Catalogue()).Concat(Servers()).Concat(Keys()).Concat(Calls()).Concat(Answers())
        .Concat(LeaseSamples.All()).Concat(Overview()).Concat(SourcesSamples.All())
        .Concat(HealthSamples.All())
        .ToDictionary(pair => pair.Name, pair => pair.Sample);

    private static IEnumerable<(string Name, object Sample)> Nodes() =>
    [
        ("node-started-v1", new NodeStarted("127.0.0.1:4053", "0.1.0", ["front", "worker"], At)),
        ("node-get-card-v1", new GetCard()),
        ("node-card-v1", new NodeCard(1_234_567_890, new Uri("http://127.0.0.1:4054/"), "token")),
    ];

    private static IEnumerable<(string Name, object Sample)> Sessions() =>
    [
        ("session-opened-v1", new SessionOpened(Session, "files", Profile, "anna", At)),
        ("session-opened-v1.anonymous", new SessionOpened(Session, SessionInfo.AllServers, Profile, null, At)),
        ("session-log-level-set-v1", new LogLevelSet(Session, SessionLogLevel.Debug, At)),
        ("session-subscribed-v1", new Subscribed(Session, Resource, At)),
        ("session-unsubscribed-v1", new Unsubscribed(Session, Resource, At)),
        ("session-touched-v1", new SessionTouched(Session, At)),
        ("session-closed-v1", new SessionClosed(Session, SessionEnd.Idle, At)),
        ("session-open-v1", new Open(Session, "files", Profile, "anna")),
        ("session-set-log-level-v1", new SetLogLevel(Session, SessionLogLevel.Emergency)),
        ("session-subscribe-v1", new Subscribe(Session, Resource)),
        ("session-unsubscribe-v1", new Unsubscribe(Session, Resource)),
        ("session-touch-v1", new Touch(Session, At)),
        ("session-touch-v1.ago", new Touch(Session, At) { Ago = TimeSpan.FromSeconds(3) }),
        ("session-close-v1", new Close(Session, SessionEnd.Operator)),
        ("session-get-v1", new GetSession(Session)),
        ("session-found-v1", new SessionFound(new SessionInfo
        {
            Id = Session, Route = "files", Profile = Profile, Principal = "anna", CreatedAt = At, LogLevel = SessionLogLevel.Notice, Subscriptions = [Resource], Stored = true,
        })),
        ("session-found-v1.bare", new SessionFound(new SessionInfo { Id = Session, Route = "files", Profile = Profile, CreatedAt = At })),
        ("session-unknown-v1", new SessionUnknown(Session)),
        ("session-ended-v1", new SessionEnded(Session, SessionEnd.Closed)),
        ("session-resting-v1", new SessionResting(Session)),
        ("session-refused-v1", new SessionRefused(Session, "too large")),
        ("session-unavailable-v1", new SessionUnavailable(Session, "the journal does not answer")),
    ];

    private static IEnumerable<(string Name, object Sample)> Catalogue()
    {
        var news = new CatalogueNews(8, "hash", Entry, new ServerId("gone"));
        return
        [
            ("discovery-shards-fixed-v1", new ShardsFixed(128, At)),
            ("discovery-file-applied-v1", new FileApplied(7, "hash", At)),
            ("discovery-entry-put-v1", new EntryPut(8, Entry)),
            ("discovery-entry-put-v1.removed", new EntryPut(9, Hidden)),
            ("discovery-entry-dropped-v1", new EntryDropped(10, Files, "anna", At)),
            ("discovery-state-v1", DiscoveryState.Initial with
            {
                Revision = 9, Hash = "hash", Shards = 128, Entries = ImmutableDictionary<ServerId, OverlayEntry>.Empty.Add(Files, Entry).Add(Hidden.Server, Hidden),
            }),
            ("discovery-state-v1.content", DiscoveryState.Initial with
            {
                Revision = 9, Hash = "hash", Content = new byte[] { 1, 2, 3 }, Applied = ["old", "hash"],
                Offers = ImmutableDictionary<string, FileOffer>.Empty.Add("node-1", new FileOffer("hash", At)).Add("node-2", new FileOffer("old", Later)),
            }),
            ("discovery-file-applied-v1.content", new FileApplied(8, "hash", At) { Content = new byte[] { 1, 2, 3 }, Node = "node-1" }),
            ("discovery-file-offered-v1", new FileOffered("node-1", "hash", At)),
            ("discovery-apply-file-v1.content", new ApplyFile("hash") { Node = "node-1", Size = 3, Ordered = true }),
            ("discovery-get-content-v1", new GetContent("hash", 49_152)),
            ("discovery-content-part-v1", new ContentPart("hash", 49_152, 49_155, new byte[] { 1, 2, 3 })),
            ("discovery-file-kept-v1", new FileKept(8, "hash", "old")),
            ("discovery-stored-v1.offer", new Stored(8, null) { Offer = "hash" }),
            ("discovery-refused-v1.offer", new Refused("the disk is full") { Offer = "hash" }),
            ("discovery-get-node-v1", GetNodeRevision.Instance),
            ("discovery-node-v1", new NodeRevision("node-1", 8, "hash", "old", "hash", RevisionStanding.Unreadable)
            {
                Files = ["/etc/a.yaml"], Faults = ["servers.search: no"], NeedsRestart = ["limits.depth"],
            }),
            ("discovery-sync-v1", new Sync(-1, 128)),
            ("discovery-apply-file-v1", new ApplyFile("hash")),
            ("discovery-put-entry-v1", new PutEntry(Files, Entry.Definition!.Value, "anna")),
            ("discovery-remove-entry-v1", new RemoveEntry(Files, "anna", true)),
            ("discovery-drop-entry-v1", new DropEntry(Files, "anna")),
            ("discovery-stored-v1", new Stored(8, news)),
            ("discovery-stored-v1.unchanged", new Stored(8, null)),
            ("discovery-missing-v1", new Missing(Files)),
            ("discovery-refused-v1", new Refused("the disk is full")),
            ("discovery-in-step-v1", new InStep(8, "hash")),
            ("discovery-shards-differ-v1", new ShardsDiffer(64)),
            ("discovery-page-v1", new CataloguePage(8, "hash", [Entry, Hidden], true, false)),
            ("discovery-news-v1", news),
            ("discovery-news-v1.file", new CatalogueNews(9, "hash-2", null, null)),
        ];
    }

    private static IEnumerable<(string Name, object Sample)> Keys()
    {
        var key = new ApiKey("3f9a12c07b41", "ci", new KeyHash([.. Enumerable.Range(0, 32).Select(i => (byte)i)]), KeyScopes.Read | KeyScopes.Call, At, "anna", null);
        var ending = key with { Id = "4f9a12c07b41", Scopes = KeyScopes.Operate, ExpiresAt = Later };
        return
        [
            ("keys-created-v1", new KeyProtocol.KeyCreated(1, key)),
            ("keys-created-v1.ending", new KeyProtocol.KeyCreated(2, ending)),
            ("keys-revoked-v1", new KeyProtocol.KeyRevoked(3, key.Id, "bert", Later)),
            ("keys-state-v1", new KeyState { Revision = 3, Keys = KeyState.Initial.Keys.Add(ending.Id, ending) }),
            ("keys-state-v1.initial", KeyState.Initial),
            ("keys-sync-v1", new KeyProtocol.Sync(-1)),
            ("keys-create-v1", new KeyProtocol.CreateKey(key)),
            ("keys-revoke-v1", new KeyProtocol.RevokeKey(key.Id, "bert")),
            ("keys-stored-v1", new KeyProtocol.Stored(new KeyProtocol.KeyNews(1, key, null))),
            ("keys-missing-v1", new KeyProtocol.Missing(key.Id)),
            ("keys-refused-v1", new KeyProtocol.Refused("the journal does not answer; try again")),
            ("keys-in-step-v1", new KeyProtocol.InStep(3)),
            ("keys-page-v1", new KeyProtocol.KeyPage(3, [key, ending], true, false)),
            ("keys-news-v1", new KeyProtocol.KeyNews(1, key, null)),
            ("keys-news-v1.revoked", new KeyProtocol.KeyNews(3, null, key.Id)),
        ];
    }

    private static IEnumerable<(string Name, object Sample)> Servers() =>
    [
        ("server-circuit-changed-v1.opened", new CircuitChanged(Files, new CircuitEvent.Opened(At, "5 failures in a row", CircuitCause.ConsecutiveFailures, Later, true), Open)),
        ("server-circuit-changed-v1.half", new CircuitChanged(Files, new CircuitEvent.HalfOpened(Later, "time passed", CircuitCause.TimePassed), Open with { Phase = CircuitPhase.HalfOpen, Until = null })),
        ("server-circuit-changed-v1.closed", new CircuitChanged(Files, new CircuitEvent.Closed(Later, "probes passed"), CircuitState.Initial with { Since = Later })),
        ("server-circuit-changed-v1.forced", new CircuitChanged(Files, new CircuitEvent.Forced(At, "maintenance", CircuitMode.ForcedOpen, Later), Open with { Mode = CircuitMode.ForcedOpen, ForcedUntil = Later })),
        ("server-circuit-changed-v1.released", new CircuitChanged(Files, new CircuitEvent.Released(Later, "time passed"), Open)),
        ("server-circuit-changed-v1.reset", new CircuitChanged(Files, new CircuitEvent.Reset(Later, "checked"), CircuitState.Initial)),
        ("server-peer-learned-v1", Peer),
        ("server-peer-learned-v1.bare", Peer with { Instructions = null }),
        ("server-list-learned-v1", Tools),
        ("server-operator-acted-v1", new OperatorActed(Files, At, OperatorActions.ForceOpen, "anna", "maintenance", Later)),
        ("server-operator-acted-v1.bare", new OperatorActed(Files, At, OperatorActions.ClearCache, "anna", null, null)),
        ("server-definition-changed-v1", new DefinitionChanged(Files, At)),
        ("server-state-v1", ServerState.Initial with
        {
            Circuit = Open,
            Peer = Peer,
            Lists = ServerState.Initial.Lists.Add(ListKind.Tools, Tools).Add(ListKind.Prompts, Tools with { Kind = ListKind.Prompts, Items = "[]"u8.ToArray() }),
            FirstSeenTools = ServerState.Initial.FirstSeenTools.Add("read", "h1"),
        }),
        ("server-state-v1.initial", ServerState.Initial),
        ("server-state-v1.cleared", ServerState.Initial with { CacheClearedAt = new DateTimeOffset(2026, 11, 22, 23, 0, 0, TimeSpan.Zero) }),
    ];
}
