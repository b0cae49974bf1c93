using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace McpActors.Cluster.Lifecycle;

/// <summary>
/// The order in which a node leaves: it refuses new calls, finishes those in hand, closes its connections and processes,
/// hands its shards over, leaves the cluster, ends. Runs when the host stops and when the node is told to leave.
/// </summary>
internal static class ShutdownPhases
{
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(7);

    public static AkkaConfigurationBuilder WithMcpLifecycle(this AkkaConfigurationBuilder builder, IServiceProvider provider)
    {
        var gate = provider.GetRequiredService<DrainGate>();
        var node = provider.GetRequiredService<NodeSettings>();
        // The listeners are stopped before the actor system hears of it: the gate must close with them.
        provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping.Register(gate.Begin);
        var nodes = provider.GetRequiredService<INodes>();
        return builder.AddStartup((system, _) => Register(system, gate, node, nodes));
    }

    private static void Register(ActorSystem system, DrainGate gate, NodeSettings node, INodes nodes)
    {
        var log = Logging.GetLogger(system, "Shutdown");
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "stop-intake", () =>
        {
            gate.Begin();
            return Task.FromResult(Done.Instance);
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, "finish-calls", async () =>
        {
            if (!await gate.WaitIdleAsync(node.Drain))
                log.Warning("{Count} calls were given up after the drain time of {Drain}", gate.InFlight, node.Drain);
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
