using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Nodes;
using McpActors.Core.Membership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace McpActors.Cluster.Lifecycle;

/// <summary>
/// The order in which a node leaves: it says that it is not ready, refuses new calls, finishes those in hand, hands its shards over, lets other nodes finish
/// their calls to its processes, leaves the cluster, closes what is left, ends. Runs when the host stops, when the node is told to leave, and when the others
/// gave it up.
/// </summary>
internal static class ShutdownPhases
{
    /// <summary>Between the hand-over of the shards and the leave; configured in NodeHosting.</summary>
    internal const string MovedCallsPhase = "mcpactors-moved-calls";

    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(7);

    /// <summary>What calls in hand get on a node that the others gave up: they own its servers soon, and its supervisor waits to start it anew.</summary>
    private static readonly TimeSpan DownedDrain = TimeSpan.FromSeconds(1);

    public static AkkaConfigurationBuilder WithMcpLifecycle(this AkkaConfigurationBuilder builder, IServiceProvider provider)
    {
        var gate = provider.GetRequiredService<DrainGate>();
        var node = provider.GetRequiredService<NodeSettings>();
        // The host stops before the actor system hears of it: readiness says so from the first moment.
        provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping.Register(gate.Announce);
        var nodes = provider.GetRequiredService<INodes>();
        var time = provider.GetRequiredService<TimeProvider>();
        return builder.AddStartup((system, _) =>
        {
            Register(system, gate, node, nodes, time);
            system.ActorOf(MajorityWatch.Props(Akka.Cluster.Cluster.Get(system), gate, MajorityRule.Hold(node.Failover), time), "majority");
        });
    }

    private static void Register(ActorSystem system, DrainGate gate, NodeSettings node, INodes nodes, TimeProvider time)
    {
        var log = Logging.GetLogger(system, "Shutdown");
        var shutdown = CoordinatedShutdown.Get(system);
        bool Downed() => shutdown.ShutdownReason is CoordinatedShutdown.ClusterDowningReason;
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "stop-intake", async () =>
        {
            gate.Announce();
            // A balancer needs a moment to see that the node is not ready; a call that it sends meanwhile is answered. Nobody stands in for a lone node.
            if (!nodes.Alone && !Downed())
                await Task.Delay(node.Notice, time);
            gate.Begin();
            return Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, "finish-calls", async () =>
        {
            var limit = Downed() && node.Drain > DownedDrain ? DownedDrain : node.Drain;
            if (!await gate.WaitIdleAsync(limit))
                log.Warning("{Count} calls were given up after the drain time of {Drain}", gate.InFlight, limit);
            return Done.Instance;
        });
        // Its servers are on other nodes now; what calls are still on here, they may end, and only then does the node leave, because who leaves is given up by all.
        shutdown.AddTask(MovedCallsPhase, "finish-moved-calls", async () =>
        {
            if (!Downed() && !await gate.WaitHandedOverAsync(node.Drain))
                log.Warning("Calls of other nodes were given up after the drain time of {Drain}", node.Drain);
            return Done.Instance;
        });
        // A lone node closes all connections at once. With others, its servers move first, each closing its own: until then others call them.
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "close-upstreams", () => nodes.Alone ? CloseAsync(gate) : Task.FromResult(Done.Instance));
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExiting, "close-rest", () => CloseAsync(gate));
    }

    private static async Task<Done> CloseAsync(DrainGate gate)
    {
        using var limit = new CancellationTokenSource(CloseTime);
        await gate.CloseAsync(limit.Token);
        return Done.Instance;
    }
}
