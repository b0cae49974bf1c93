using Akka.Hosting;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Persistence;
using McpActors.Core.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace McpActors.Cluster.Discovery;

/// <summary>Adds the catalogue to a node.</summary>
public static class DiscoveryHosting
{
    /// <summary>Name of the singleton in the cluster.</summary>
    public const string SingletonName = "discovery";

    /// <summary>Name of each node's agent at the top of its actor system; other nodes find it by that.</summary>
    internal const string AgentName = "catalogue";

    /// <summary>Adds the coordinator, its proxy and this node's agent.</summary>
    public static AkkaConfigurationBuilder WithDiscovery(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        var node = services.GetRequiredService<NodeSettings>();
        return builder
            .WithWorkerSingleton<DiscoveryCoordinator>(
                node,
                SingletonName,
                (_, _) => DiscoveryCoordinator.Props(
                    services.GetRequiredService<JournalHealth>(), node.Recorder, services.GetRequiredService<TimeProvider>()),
                StopAuthority.Instance)
            .WithActors((system, registry) =>
            {
                var props = CatalogueAgent.Props(
                    registry.Get<DiscoveryCoordinator>(),
                    services.GetRequiredService<CatalogueHolder>(),
                    services.GetRequiredService<CatalogueEvents>(),
                    node,
                    services.GetRequiredService<IRevisionReader>());
                registry.Register<CatalogueAgent>(system.ActorOf(props, AgentName));
            });
    }

    internal static IServiceCollection AddDiscovery(this IServiceCollection services, CatalogueFile file)
    {
        services.AddSingletonPlace<DiscoveryCoordinator>(SingletonName);
        services.TryAddSingleton<IServerDefinitionReader, ServerDefinitionReader>();
        services.AddSingleton<CatalogueEvents>();
        services.AddSingleton(provider =>
        {
            var holder = new CatalogueHolder(provider.GetRequiredService<IServerDefinitionReader>(), provider.GetRequiredService<NodeSettings>().Name);
            holder.Start(file);
            return holder;
        });
        services.AddSingleton<ICatalogue, Catalogue>();
        services.AddSingleton<INodeRevisions, NodeRevisions>();
        services.AddHostedService<RevisionAlarms>();
        return services
            .AddWarmUp("catalogue", async (provider, ct) => await provider.GetRequiredService<CatalogueEvents>().InStep.Task.WaitAsync(ct))
            .AddWarmUp("catalogue revision", async (provider, ct) => await provider.GetRequiredService<ICatalogue>().ApplyAsync(file, ordered: false, ct));
    }
}
