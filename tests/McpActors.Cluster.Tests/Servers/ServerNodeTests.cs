using Akka.Actor;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers;

/// <summary>The facade over a real node: shard region, serializer and SQLite.</summary>
public sealed class ServerNodeTests
{
    private static readonly ServerId Server = new("search");

    private static CatalogueFile File { get; } = new(
        [new ServerModel { Id = Server, Title = "search", Transport = ServerTransport.Http, Url = new Uri("http://127.0.0.1:1/mcp"), Revision = "1" }], "h1");

    [Fact]
    public async Task Calls_and_orders_go_through_the_region_and_an_open_breaker_outlives_the_node()
    {
        using var folder = new TemporaryFolder();
        var settings = TestNode.Settings(folder.File("node.db"));
        await using (var node = await StartAsync(settings))
        {
            var calls = node.Get<IServerCalls>();
            for (var i = 0; i < 5; i++)
            {
                var admitted = (await calls.AdmitAsync(Admit(node), default)).ShouldBeOfType<Admitted>();
                node.Get<ConnectionRegistry>().Find(admitted.Connection).ShouldNotBeNull();
                calls.Complete(new Complete(Server, admitted.Call, ServerActorKit.Outcome(AttemptResult.Timeout)));
            }

            (await calls.GetStatusAsync(Server, default)).Circuit.State.ShouldBe(CircuitPhase.Open);
            (await calls.OperateAsync(new ClearCache(Server, "ann"), default)).ShouldBeOfType<OperatorDone>();
        }

        await using (var node = await StartAsync(settings))
        {
            var calls = node.Get<IServerCalls>();
            var rejected = (await calls.AdmitAsync(Admit(node), default)).ShouldBeOfType<Rejected>();
            rejected.Reason.ShouldBe(RejectReason.CircuitOpen);
            var status = await calls.GetStatusAsync(Server, default);
            status.Recovered.ShouldBeTrue();
            status.OwnerNode.ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Call_that_meets_an_actor_on_its_way_to_rest_starts_it_again()
    {
        using var folder = new TemporaryFolder();
        await using var node = await StartAsync(TestNode.Settings(folder.File("node.db")));
        var calls = node.Get<IServerCalls>();
        var before = (await calls.AdmitAsync(Admit(node), default)).ShouldBeOfType<Admitted>();
        node.Get<LocalServers>().TryFind(Server, out var actor).ShouldBeTrue();

        // With a call in flight it stays for a while, and takes no further one.
        actor!.Tell(ServerActor.HandOff.Instance, ActorRefs.NoSender);
        var next = calls.AdmitAsync(Admit(node), default).AsTask();
        calls.Complete(new Complete(Server, before.Call, ServerActorKit.Outcome(AttemptResult.Success)));

        (await next).ShouldBeOfType<Admitted>();
    }

    [Fact]
    public async Task Cancelled_wait_abandons_the_call()
    {
        using var folder = new TemporaryFolder();
        var upstream = new FakeUpstream { OnConnect = _ => new TaskCompletionSource().Task };
        await using var node = await StartAsync(TestNode.Settings(folder.File("node.db")), upstream);
        var calls = node.Get<IServerCalls>();
        using var leave = new CancellationTokenSource();
        var waiting = calls.AdmitAsync(Admit(node), leave.Token).AsTask();
        (await calls.GetStatusAsync(Server, default)).Load.InFlight.ShouldBe(1);
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        (await calls.GetStatusAsync(Server, default)).Load.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Eager_server_runs_without_being_asked_and_its_changes_reach_listening_clients()
    {
        using var folder = new TemporaryFolder();
        var upstream = new FakeUpstream { Capabilities = """{"tools":{"listChanged":true}}""" };
        var eager = new CatalogueFile([File.Servers[0] with { Start = StartMode.Eager }], "h2");
        await using var node = await TestNode.StartAsync(
            TestNode.Settings(folder.File("node.db")), eager, services => services.AddSingleton<IUpstreamConnector>(upstream));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var connection = await upstream.FirstOpened.WaitAsync(patience.Token);
        using var own = node.Get<SessionStreams>().Attach("s1", "search")!;
        using var all = node.Get<SessionStreams>().Attach("s2", "*")!;
        using var other = node.Get<SessionStreams>().Attach("s3", "files")!;
        connection.Say("""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}""");
        connection.Say("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");
        (await FirstAsync(own, patience.Token)).ShouldContain("tools/list_changed");
        (await FirstAsync(all, patience.Token)).ShouldContain("tools/list_changed");
        own.TryRead(out _).ShouldBeFalse("a log message of a shared session is for whoever caused it");
        other.TryRead(out _).ShouldBeFalse();
    }

    private static async Task<string> FirstAsync(SessionStream stream, CancellationToken ct) =>
        System.Text.Encoding.UTF8.GetString((await stream.ReadAsync(ct)).Span);

    private static Task<TestNode> StartAsync(McpActors.Cluster.Hosting.NodeSettings settings, FakeUpstream? upstream = null) =>
        TestNode.StartAsync(settings, File, services => services.AddSingleton<IUpstreamConnector>(upstream ?? new FakeUpstream()));

    private static Admit Admit(TestNode node) => new(Server, CallIds.Next(), new CallIntent(
        McpMethod.ToolsCall, "echo", SlotKey.Shared, null, new CacheTag(CacheKind.ToolCall), node.Get<TimeProvider>().GetUtcNow() + TimeSpan.FromSeconds(20)));
}
