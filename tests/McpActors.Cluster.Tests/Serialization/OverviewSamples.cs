using McpActors.Cluster.Feed;
using McpActors.Cluster.Overview;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Sessions;
using static McpActors.Cluster.Overview.OverviewProtocol;

namespace McpActors.Cluster.Tests.Serialization;

// What nodes ask each other to show the whole cluster.
internal static partial class WireSamples
{
    private static IEnumerable<(string Name, object Sample)> Overview() =>
    [
        ("overview-get-servers-v1", new GetServers([Files, new ServerId("search")])),
        ("overview-servers-v1", new ServersHere([Status], [new ServerId("search")])),
        ("overview-get-tools-v1", new GetTools([Files, new ServerId("search")])),
        ("overview-tools-v1", new ToolsHere(
            [
                new KnownTools(Files, true, new ListCopy(ListKind.Tools, [], At, TimeSpan.FromSeconds(30), CacheScope.Public, "abc").WithJson(Tools.Items.Span), null),
                new KnownTools(new ServerId("none"), true, null, null),
                new KnownTools(new ServerId("broken"), false, null, "it cannot be started"),
            ],
            [new ServerId("search")])),
        ("overview-get-sessions-v1", new GetSessions("00ff00ff00ff00ff", 101)),
        ("overview-sessions-v1", new SessionsHere([
            new SessionSighting("0123456789abcdef", "files", "2025-06-18", "anna", At, Later, SessionLogLevel.Warning, [Resource], true, true, 0),
            new SessionSighting("fedcba9876543210", "*", "2025-11-25", null, At, At, null, [], false, false, 2)])),
        ("overview-get-session-id-v1", new GetSessionId("0123456789abcdef")),
        ("overview-session-id-v1", new SessionIdHere(Session)),
        ("overview-session-id-v1.none", new SessionIdHere(null)),
        ("overview-get-shards-v1", new GetShards("server")),
        ("overview-shards-v1", new ShardsHere([new ShardGlance("17", ["files", "search"]), new ShardGlance("18", [])])),
        ("feed-transition-v1", new TransitionNews(new Transition(TransitionKind.Circuit, "files", "circuitOpened", "The circuit opened: 5 failures in a row", At, "akka.tcp://mcpactors@127.0.0.1:4053"))),
        ("overview-get-node-v1", new GetNode()),
        ("overview-node-v1", new NodeHere(new NodeGlance
        {
            Version = "0.1.0",
            StartedAt = At,
            Parts = [new PartGlance("cluster", "ok", null, null), new PartGlance("journal", "degraded", "the disk is full", Later)],
            Servers = 1,
            Sessions = 2,
            ServedSessions = 3,
            Calls = 4,
            Revision = 5,
            Hash = "abc",
            Misses = ["akka.tcp://mcpactors@127.0.0.1:4054"],
        })),
    ];
}
