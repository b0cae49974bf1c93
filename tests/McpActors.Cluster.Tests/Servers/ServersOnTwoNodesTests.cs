using McpActors.Cluster.Nodes;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Sessions;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Core.Protocol.JsonRpc;
using McpActors.Core.Protocol.Versions;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bulkhead;
using McpActors.Core.Servers.Cache;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Catalogue;
using McpActors.Core.Servers.Upstream;
using McpActors.Core.Sessions;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using static McpActors.Core.Servers.ServerProtocol;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Tests.Servers;

/// <summary>Two nodes, real sockets, strict serialization: each of them can use the servers of the other.</summary>
public sealed class ServersOnTwoNodesTests : IDisposable
{
    private static readonly ServerId[] Servers = [.. Enumerable.Range(0, 8).Select(i => new ServerId($"s{i}"))];

    private readonly TemporaryFolder _folder = new();

    private static CatalogueFile File { get; } = new(
        [.. Servers.Select(id => new ServerModel
        {
            Id = id, Title = id.Value, Transport = ServerTransport.Http, Url = new Uri("http://127.0.0.1:1/mcp"), Revision = "1",
            Concurrency = BulkheadOptions.Default with { Max = 2, Queue = 0 },
        })],
        "h1");

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    [Fact]
    public async Task Every_server_is_called_asked_and_ordered_from_every_node()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(first);
        var owners = new HashSet<int>();

        foreach (var server in Servers)
        {
            foreach (var node in (TestNode[])[first, second])
            {
                var calls = node.Get<IServerCalls>();
                var admitted = (await calls.AdmitAsync(Admit(node, server), Soon)).ShouldBeOfType<Admitted>();
                owners.Add(admitted.Connection.Node);
                (node.Get<ConnectionRegistry>().Find(admitted.Connection) is not null).ShouldBe(admitted.Connection.Node == node.Get<INodes>().Self);
                calls.Complete(new Complete(server, admitted.Call, Ok, Fill("""{"a":1}"""u8.ToArray()), admitted.Connection));
                var lists = await calls.GetCatalogueAsync(new GetCatalogue(server, ListKinds.Tools, Now(node) + TimeSpan.FromSeconds(10)), Soon);
                lists.Catalogue.ShouldNotBeNull().ToolIndex.Keys.ShouldBe(["read"]);
            }

            var status = await first.Get<IServerCalls>().GetStatusAsync(server, Soon);
            status.OwnerNode.ShouldBe((await second.Get<IServerCalls>().GetStatusAsync(server, Soon)).OwnerNode);
            await UntilAsync(async () => (await second.Get<IServerCalls>().GetStatusAsync(server, Soon)).Load.InFlight == 0);
        }

        owners.ShouldBe([first.Get<INodes>().Self, second.Get<INodes>().Self], ignoreOrder: true);
        var order = new SetCircuitMode(Servers[0], OperatorCircuitMode.ForcedOpen, "maintenance", null, "anna");
        (await second.Get<IServerCalls>().OperateAsync(order, Soon)).ShouldBeOfType<OperatorDone>();
        foreach (var node in (TestNode[])[first, second])
            (await node.Get<IServerCalls>().AdmitAsync(Admit(node, Servers[0]), Soon)).ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.CircuitOpen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Nodes_whose_clocks_are_an_hour_apart_use_each_others_servers(int hours)
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(first, clock: new WrongTime(TimeSpan.FromHours(hours)));

        foreach (var server in Servers)
        {
            foreach (var node in (TestNode[])[first, second])
            {
                var calls = node.Get<IServerCalls>();
                var lists = await calls.GetCatalogueAsync(new GetCatalogue(server, ListKinds.Tools, Now(node) + TimeSpan.FromSeconds(10)), Soon);
                lists.Catalogue.ShouldNotBeNull().ToolIndex.Keys.ShouldBe(["read"]);
                var admitted = (await calls.AdmitAsync(Admit(node, server), Soon)).ShouldBeOfType<Admitted>();
                admitted.AttemptTimeout.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
                calls.Complete(new Complete(server, admitted.Call, Ok, null, admitted.Connection));
            }
        }
    }

    [Fact]
    public async Task Calls_that_come_at_once_from_another_node_each_get_their_own_answer_and_leave_nothing_behind()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(first);
        var (server, _) = await OwnedByAsync(first, second);
        var calls = second.Get<IServerCalls>();

        // One of two permits is taken: the others are refused as soon as they come, unless one has ended before.
        var asked = Enumerable.Range(0, 300).Select(async _ =>
        {
            var question = Admit(second, server);
            var reply = await calls.AdmitAsync(question, Soon);
            if (reply is Admitted admitted)
                calls.Complete(new Complete(server, admitted.Call, Ok, null, admitted.Connection));
            return (question.Call, Answered: (reply as Admitted)?.Call ?? (reply as Rejected)?.Call);
        });

        foreach (var (call, answered) in await Task.WhenAll(asked))
            answered.ShouldBe(call);
        await UntilAsync(async () => (await calls.GetStatusAsync(server, Soon)).Load.InFlight == 1);
    }

    [Fact]
    public async Task Permits_of_a_node_that_is_gone_come_back()
    {
        await using var first = await StartAsync();
        var second = await StartAsync(first);
        var (server, carried) = await OwnedByAsync(first, second);
        for (var i = carried; i < 2; i++)
            (await second.Get<IServerCalls>().AdmitAsync(Admit(second, server), Soon)).ShouldBeOfType<Admitted>();
        (await first.Get<IServerCalls>().AdmitAsync(Admit(first, server), Soon)).ShouldBeOfType<Rejected>().Reason.ShouldBe(RejectReason.QueueFull);

        await second.DisposeAsync();

        await UntilAsync(async () => (await first.Get<IServerCalls>().GetStatusAsync(server, Soon)).Load.InFlight == 0);
        (await first.Get<IServerCalls>().AdmitAsync(Admit(first, server), Soon)).ShouldBeOfType<Admitted>();
    }

    [Fact]
    public async Task Changes_of_a_server_reach_clients_that_listen_at_another_node()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(first);
        var (server, _) = await OwnedByAsync(first, second);
        var upstream = (FakeUpstream)first.Get<IUpstreamConnector>();
        var connection = upstream.Open[upstream.Requests.Last(request => request.Server.Id == server).Id];
        using var there = second.Get<SessionStreams>().Attach("s1", server.Value)!;
        using var all = second.Get<SessionStreams>().Attach("s2", SessionInfo.AllServers)!;
        using var here = first.Get<SessionStreams>().Attach("s3", server.Value)!;

        connection.Say("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");

        foreach (var stream in (SessionStream[])[there, all, here])
            System.Text.Encoding.UTF8.GetString((await stream.ReadAsync(Soon)).Span).ShouldContain("tools/list_changed");
    }

    [Fact]
    public async Task Calls_of_a_server_without_state_go_under_a_lease_where_they_come_in_and_orders_reach_them_there()
    {
        await using var first = await StartAsync(revision: ProtocolRevision.V20260728);
        await using var second = await StartAsync(first, ProtocolRevision.V20260728);
        var (server, _) = await OwnedByAsync(first, second);
        var calls = second.Get<IServerCalls>();
        var self = second.Get<INodes>().Self;
        Admitted? leased = null;
        await UntilAsync(async () =>
        {
            if (await calls.AdmitAsync(Admit(second, server), Soon) is not Admitted admitted)
                return false;
            calls.Complete(new Complete(server, admitted.Call, Ok, null, admitted.Connection));
            leased = admitted.Connection.Node == self ? admitted : null;
            return leased is not null;
        });
        second.Get<ConnectionRegistry>().Find(leased!.Connection).ShouldNotBeNull();
        leased.Tool.ShouldNotBeNull().Name.ShouldBe("read");
        var status = await calls.GetStatusAsync(server, Soon);
        status.Leases.ShouldNotBeNull().Holders.ShouldHaveSingleItem().Permits.ShouldBeGreaterThan(0);

        var order = new SetCircuitMode(server, OperatorCircuitMode.ForcedOpen, "maintenance", null, "anna");
        (await first.Get<IServerCalls>().OperateAsync(order, Soon)).ShouldBeOfType<OperatorDone>();
        await UntilAsync(async () => await calls.AdmitAsync(Admit(second, server), Soon) is Rejected { Reason: RejectReason.CircuitOpen });
    }

    public void Dispose() => _folder.Dispose();

    private static AttemptOutcome Ok => new(AttemptResult.Success, Sent: true, FirstByte: true, TimeSpan.FromMilliseconds(1));

    private static CacheFill Fill(byte[] result) => new(result, TimeSpan.FromMinutes(1), CacheScope.Public, ProtocolRevision.V20260728);

    private static DateTimeOffset Now(TestNode node) => node.Get<TimeProvider>().GetUtcNow();

    private static Admit Admit(TestNode node, ServerId server) => new(server, node.Get<IServerCalls>().NextCall(), new CallIntent(
        McpMethod.ToolsCall, "read", SlotKey.Shared, null, new CacheTag(CacheKind.ToolCall), Now(node) + TimeSpan.FromSeconds(20)));

    /// <summary>A server of the first node, found by calls from the second one; the last of them still runs.</summary>
    private static async Task<(ServerId Server, int Carried)> OwnedByAsync(TestNode owner, TestNode caller)
    {
        foreach (var server in Servers)
        {
            var admitted = (await caller.Get<IServerCalls>().AdmitAsync(Admit(caller, server), Soon)).ShouldBeOfType<Admitted>();
            if (admitted.Connection.Node == owner.Get<INodes>().Self)
                return (server, 1);
        }

        throw new InvalidOperationException("The first node owns no server.");
    }

    private Task<TestNode> StartAsync(TestNode? seed = null, ProtocolRevision? revision = null, TimeProvider? clock = null)
    {
        var settings = TestNode.Settings(_folder.File("node.db"));
        if (seed is not null)
        {
            var address = ClusterExtension.Get(seed.System).SelfAddress;
            settings = settings with { Seeds = [$"{address.Host}:{address.Port}"] };
        }

        var upstream = new FakeUpstream { Capabilities = """{"tools":{}}""", OnList = _ => """{"tools":[{"name":"read","inputSchema":{"type":"object"}}]}""" };
        upstream.Revision = revision ?? upstream.Revision;
        return TestNode.StartAsync(settings, File, services => services.AddSingleton<IUpstreamConnector>(upstream).AddSingleton(clock ?? new SteadyTime(TimeProvider.System)));
    }

    /// <summary>A wall clock that is wrong.</summary>
    private sealed class WrongTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var limit = Soon;
        while (!await condition())
            await timer.WaitForNextTickAsync(limit);
    }
}
