using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;

namespace McpActors.Cluster.Hosting;

/// <summary>Singletons of the cluster: they run on a worker; every node has the way to them.</summary>
internal static class WorkerSingletons
{
    /// <summary>Makes a worker able to run a singleton, and registers the way to it on any node.</summary>
    /// <typeparam name="TKey">The key that the way to it is registered under.</typeparam>
    /// <param name="builder">The node's actor system.</param>
    /// <param name="node">The node.</param>
    /// <param name="name">Name of the singleton in the cluster.</param>
    /// <param name="props">Makes it, on the node that is to run it.</param>
    /// <param name="stop">Tells it to finish when it moves to another node.</param>
    public static AkkaConfigurationBuilder WithWorkerSingleton<TKey>(
        this AkkaConfigurationBuilder builder, NodeSettings node, string name, Func<ActorSystem, IActorRegistry, Props> props, object stop)
    {
        var options = new ClusterSingletonOptions
        {
            Role = NodeSettings.WorkerRole,
            TerminationMessage = stop,
            // It warns of a failure after 30 s at once, before it looked.
            LogSingletonIdentificationFailure = false,
        };
        // A manager on a node without the role looks for its place in vain and logs errors.
        return node.Roles.Contains(NodeSettings.WorkerRole)
            ? builder.WithSingleton<TKey>(name, (system, registry, _) => props(system, registry), options)
            : builder.WithSingletonProxy<TKey>(name, options);
    }
}
