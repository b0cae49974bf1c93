using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Pattern;

namespace McpActors.Cluster.Hosting;

/// <summary>
/// Singletons of the cluster: they run on a worker; every node has the way to them. One that stops by itself, because it met a second writer in its journal, is started
/// anew: Akka's manager would leave the cluster without it until its node leaves, and the rightful one can be the one that met the other's last event.
/// </summary>
internal static class WorkerSingletons
{
    /// <summary>How long one that stopped stays away at least: a second owner, which is given up by then, is to end first, or the two would take turns.</summary>
    public static readonly TimeSpan LeastAbsence = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longestAbsence = TimeSpan.FromMinutes(1);

    private const double Jitter = 0.2;

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
            ? builder.WithSingleton<TKey>(name, (system, registry, _) => Revived(props(system, registry), stop), options)
            : builder.WithSingletonProxy<TKey>(name, options);
    }

    /// <summary>
    /// An actor that starts its child anew when it stops or fails, after <see cref="LeastAbsence"/>, and ends with it when told to <paramref name="stop"/>. Not at once after a
    /// failure: what fails on what the journal holds would read it again and again.
    /// </summary>
    public static Props Revived(Props child, object stop) => BackoffSupervisor.Props(
        Backoff.OnStop(child, "authority", LeastAbsence, s_longestAbsence, Jitter, maxNrOfRetries: -1)
            .WithSupervisorStrategy(new OneForOneStrategy(static _ => Directive.Stop))
            .WithFinalStopMessage(message => Equals(message, stop)));
}
