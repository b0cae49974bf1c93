using Akka.Actor;
using Akka.TestKit.Xunit2;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Servers.Bundles;
using McpActors.Cluster.Servers.Leases;
using McpActors.Cluster.Tests.Hosting;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Bundles;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Upstream;
using McpActors.Transports;
using Microsoft.Extensions.Logging.Abstractions;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Cluster.Tests.Servers;

/// <summary>An attempt that failed because the node of its process died: nobody else knows of the call, and the next owner may be long in coming.</summary>
public sealed class OwnerLostTests : TestKit
{
    private const int Self = 1;
    private const int Owner = 2;
    private const int Third = 3;

    private static readonly ServerId Server = new("search");
    private static readonly ConnectionId Connection = new(((long)Owner << 32) | 7);

    private readonly NodeDirectory _nodes = new();
    private readonly NodeHttp _http = new(new NodeHttpSettings());
    private readonly UpstreamPool _pool;
    private readonly LocalServers _local = new();
    private readonly ServerCalls _calls;

    public OwnerLostTests()
    {
        var time = TimeProvider.System;
        _nodes.Begin(Self);
        _nodes.Add(new NodeCard(Owner, new Uri("http://owner.invalid"), "token"));
        _nodes.Count(2);
        _pool = new UpstreamPool(new FakeUpstream(), new ConnectionRegistry(), new FakeLoans(), time, NullLogger<UpstreamPool>.Instance);
        var talks = new ServerTalks(time);
        talks.Start(TestActor, ActorRefs.Nobody);
        var leases = new NodeLeases(new LeaseServices(new NoModels(), _pool, NoServerMetrics.Instance, time));
        _calls = new ServerCalls(new KnownActor<ServerRegion>(TestActor), new ServerWays(_local, leases, talks), _nodes, new Parcels(_nodes, _http, time), time);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_caller_hears_at_the_removal_that_nobody_knows_the_call(bool failedBefore)
    {
        var call = _calls.NextCall();
        Task<IServerReply> asked;
        if (failedBefore)
        {
            // The connection broke at once; the question is on its way to a node that nobody has given up yet.
            asked = AskAsync(call);
            ExpectMsg<BundleProtocol.Said>().Commands.ShouldHaveSingleItem().ShouldBeOfType<AttemptFailed>();
            _nodes.TellLoss(Third);
            ExpectNoMsg(TimeSpan.FromMilliseconds(200));
            asked.IsCompleted.ShouldBeFalse();
            _nodes.TellLoss(Owner);
        }
        else
        {
            // A node that was halted breaks nothing before it is given up.
            _nodes.TellLoss(Owner);
            asked = AskAsync(call);
        }

        var gaveUp = (await asked.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeOfType<GaveUp>();
        (gaveUp.Call, gaveUp.Reason).ShouldBe((call, GiveUpReason.UnknownCall));
        // Who was asked for admission a second time, when the first answer was late, has let it in and is told of its end.
        FishForMessage<BundleProtocol.Said>(_ => true).Commands.ShouldHaveSingleItem().ShouldBeOfType<Abandon>().Call.ShouldBe(call);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void End_of_a_call_is_told_to_the_actor_that_waits_for_it_and_not_to_its_successor()
    {
        var leaving = CreateTestProbe();
        _local.Add(Server, leaving);
        _local.Leave(Server, leaving);
        var call = _calls.NextCall();

        _calls.Abandon(new Abandon(Server, call));
        leaving.ExpectMsg<Abandon>().Call.ShouldBe(call);
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));

        _local.Remove(Server, leaving);
        _calls.Abandon(new Abandon(Server, call));
        ExpectMsg<BundleProtocol.Said>().Commands.ShouldHaveSingleItem().ShouldBeOfType<Abandon>();
    }

    [Fact]
    public async Task Node_that_has_not_told_of_itself_yet_is_asked()
    {
        var call = _calls.NextCall();
        var asked = _calls.AttemptFailedAsync(Failed(call, new ConnectionId(((long)Third << 32) | 7)), CancellationToken.None).AsTask();

        ExpectMsg<BundleProtocol.Said>().Commands.ShouldHaveSingleItem().ShouldBeOfType<AttemptFailed>();

        asked.IsCompleted.ShouldBeFalse();
        _nodes.TellLoss(Third);
        (await asked.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeOfType<GaveUp>();
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _pool.Dispose();
        _http.Dispose();
    }

    private Task<IServerReply> AskAsync(CallId call) => _calls.AttemptFailedAsync(Failed(call, Connection), CancellationToken.None).AsTask();

    private static AttemptFailed Failed(CallId call, ConnectionId connection) =>
        new(Server, call, new AttemptOutcome(AttemptResult.NodeLost, Sent: true, FirstByte: false, TimeSpan.FromMilliseconds(5)), connection);

    private sealed class NoModels : IServerModels
    {
        public Core.Configuration.ServerModel? Find(ServerId server) => null;
    }
}
