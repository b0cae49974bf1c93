using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Core.Servers.Circuit;
using McpActors.Core.Servers.Endpoints;
using static McpActors.Core.Servers.ServerProtocol;

namespace McpActors.Core.Tests.Servers.Lease;

/// <summary>Replicas of a server that several nodes call under leases: what one node sees of a replica is known to all.</summary>
public sealed class LeasedReplicaTests
{
    private const int Bad = 1;

    [Fact]
    public void Replica_that_fails_a_little_at_each_of_two_nodes_is_left_out_by_both()
    {
        var server = Leased(replicas: 3);
        FailAt(server, node: 0, times: 3);
        server.Report(0);
        Phase(server).ShouldBe(ReplicaPhase.InUse);
        server[0].ReplicaChanges.ShouldBeEmpty();
        FailAt(server, node: 1, times: 2);

        server.Owner.TakeReport(server[1].TakeReport(server.Now), server.Now);
        server.Deliver().ShouldBe(["n1", "n0", "n1"], ignoreOrder: true, "the answer, and then all hear of it");

        Phase(server).ShouldBe(ReplicaPhase.Ejected);
        foreach (var node in (int[])[0, 1])
            Chosen(server, node, calls: 12).ShouldNotContain(Bad);
        server.Owner.State.Circuit.Phase.ShouldBe(CircuitPhase.Closed, "it is the affair of one replica");
        server.Owner.Status(server.Now).Replicas[Bad].LastError.ShouldBe(AttemptResult.Timeout.ToString());
    }

    [Fact]
    public void Trial_of_one_node_takes_a_replica_back_for_all()
    {
        var server = Leased(replicas: 3);
        FailAt(server, node: 0, times: 5);
        server.Report(0);
        Phase(server).ShouldBe(ReplicaPhase.Ejected);
        server.Report(1);
        for (var second = 0; second < 30; second++)
        {
            server.Driver.Pass(TimeSpan.FromSeconds(1));
            server.Report(0);
            server.Report(1);
        }

        var trial = server.Run(1);
        EndpointOf(trial).ShouldBe(Bad);
        Chosen(server, 1, calls: 6).ShouldNotContain(Bad, "one call at a time");
        server.End(1, trial.Call);
        server.Report(1);

        Phase(server).ShouldBe(ReplicaPhase.InUse);
        Chosen(server, 0, calls: 6).Count(endpoint => endpoint == Bad).ShouldBe(2);
    }

    [Fact]
    public void Node_that_comes_later_leaves_out_what_is_left_out()
    {
        var server = new LeasedServer(Replicated(3)).Lease(0);
        server.Report(0);
        FailAt(server, node: 0, times: 5);
        server.Report(0);

        server.Lease(1);
        server.Report(1);

        Chosen(server, 1, calls: 12).ShouldNotContain(Bad);
    }

    [Fact]
    public void What_only_one_node_has_seen_gives_way_to_what_all_have_seen()
    {
        var server = Leased(replicas: 3);
        // Nobody hears of what node 0 sees of the first replica: only itself leaves it out.
        for (var i = 0; i < 40 && server[0].ReplicaChanges.Count == 0; i++)
        {
            var call = server.Run(0);
            server.End(0, call.Call, EndpointOf(call) == 0 ? AttemptResult.Timeout : AttemptResult.Success);
        }

        FailAt(server, node: 1, times: 5);
        server.Report(1);
        server.Report(1);

        Chosen(server, 0, calls: 12).ShouldNotContain(Bad, "of three one is left out, and the owner's word goes first");
    }

    private static LeasedServer Leased(int replicas)
    {
        var server = new LeasedServer(Replicated(replicas)).Lease(0).Lease(1);
        server.Report(0);
        server.Report(1);
        return server;
    }

    private static ServerSettings Replicated(int count) => LeasedServer.Modern with
    {
        Replicas = [.. Enumerable.Range(0, count).Select(i => new ReplicaSettings($"http://replica-{i}/", 1))],
    };

    private static ReplicaPhase Phase(LeasedServer server) => server.Owner.Status(server.Now).Replicas[Bad].Phase;

    // Connections of a node are numbered by replica: see LeasedServer.
    private static int EndpointOf(Admitted call) => (int)(call.Connection.Value - 500) / 100;

    private static void FailAt(LeasedServer server, int node, int times)
    {
        while (times > 0)
        {
            var call = server.Run(node);
            var fails = EndpointOf(call) == Bad;
            server.End(node, call.Call, fails ? AttemptResult.Timeout : AttemptResult.Success);
            times -= fails ? 1 : 0;
        }
    }

    private static List<int> Chosen(LeasedServer server, int node, int calls)
    {
        var chosen = new List<int>();
        var running = new List<CallId>();
        for (var i = 0; i < calls; i++)
        {
            var call = server.Run(node);
            chosen.Add(EndpointOf(call));
            running.Add(call.Call);
            if (running.Count == 3)
            {
                running.ForEach(id => server.End(node, id));
                running.Clear();
            }
        }

        running.ForEach(id => server.End(node, id));
        return chosen;
    }
}
