using Akka.Hosting;
using McpActors.Cluster.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Cluster.Persistence;

/// <summary>Adds the store to a node.</summary>
public static class StoreHosting
{
    /// <summary>Registers the store that the node's settings name, and what keeps it in order.</summary>
    internal static IServiceCollection AddStore(this IServiceCollection services, NodeSettings node) => services
        .AddSingleton(Store.Of(node.Provider, node.Connection))
        .AddHostedService<SchemaCheck>()
        .AddHostedService<JournalProbe>()
        .AddSingleton<CacheTable>()
        .AddSingleton<Retention>()
        .AddHostedService<RetentionJob>();

    /// <summary>Makes the store the home of events and snapshots.</summary>
    public static AkkaConfigurationBuilder WithMcpPersistence(this AkkaConfigurationBuilder builder, IServiceProvider services) =>
        services.GetRequiredService<Store>().Configure(builder);
}
