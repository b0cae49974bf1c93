using Akka.Hosting;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Discovery.Sources;
using McpActors.Cluster.Feed;
using McpActors.Cluster.Health;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Membership;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Security;
using McpActors.Cluster.Serialization;
using McpActors.Cluster.Servers;
using McpActors.Cluster.Sessions;
using McpActors.Core.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace McpActors.Cluster.Hosting;

/// <summary>Registers the node of the cluster with the host.</summary>
public static class ClusterServices
{
    /// <summary>Adds the actor system with every slice, and the services through which the rest of the process uses it.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="node">What the node knows of itself.</param>
    /// <param name="file">The servers of its configuration file; usable from the first moment.</param>
    /// <param name="more">Adds to the actor system, after everything else.</param>
    public static IServiceCollection AddMcpCluster(
        this IServiceCollection services,
        NodeSettings node,
        CatalogueFile file,
        Action<AkkaConfigurationBuilder, IServiceProvider>? more = null)
    {
        services.TryAddSingleton<TimeProvider>(new SteadyTime(TimeProvider.System));
        services.AddSingleton(node);
        services.AddSingleton<JournalHealth>();
        services.AddSingleton<IJournalHealth>(provider => provider.GetRequiredService<JournalHealth>());
        services.AddSingleton<DrainGate>();
        services.AddSingleton<IDrain>(provider => provider.GetRequiredService<DrainGate>());
        services.AddSingleton<NodeReadiness>();
        services.AddSingleton<INodeReadiness>(provider => provider.GetRequiredService<NodeReadiness>());
        services.AddWarmUp("journal", NodeHosting.NoteStartAsync);
        services.AddMembership();
        services.AddNodes();
        services.AddSessions();
        services.AddDiscovery(file);
        services.AddSources();
        services.AddServers();
        services.AddKeys();
        services.AddOverview();
        services.AddHealth();
        services.AddFeed();
        services.AddSingleton<IServerHistory, ServerHistory>();
        services.AddStore(node);
        services.AddAkka(NodeSettings.SystemName, (builder, provider) =>
        {
            builder
                .WithMcpNode(node)
                .WithMcpSerialization()
                .WithMcpPersistence(provider)
                .WithMcpLifecycle(provider)
                .WithNodes(provider)
                .WithFeed(provider)
                .WithSessions(provider)
                .WithDiscovery(provider)
                .WithSources(provider)
                .WithServers(provider)
                .WithKeys(provider)
                .WithHealth(provider)
                .WithMcpReadiness(provider)
                .WithMembership(node, provider);
            more?.Invoke(builder, provider);
        });
        return services;
    }
}
