using Akka.Hosting;
using McpActors.Cluster.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Nodes;

/// <summary>Adds what nodes know of each other to a node.</summary>
public static class NodesHosting
{
    /// <summary>Registers the directory of nodes and the HTTP between them.</summary>
    internal static IServiceCollection AddNodes(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => NodeHttpSettings.Of(provider.GetRequiredService<NodeSettings>().Tls));
        services.AddSingleton<NodeDirectory>();
        services.AddSingleton<INodes>(provider => provider.GetRequiredService<NodeDirectory>());
        services.AddSingleton<NodeHttp>();
        services.AddSingleton<Parcels>();
        services.AddSingleton<ILoans, Loans>();
        return services;
    }

    /// <summary>Starts this node's agent, before anything that speaks to other nodes.</summary>
    internal static AkkaConfigurationBuilder WithNodes(this AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder.WithActors((system, _) =>
        {
            var directory = provider.GetRequiredService<NodeDirectory>();
            directory.Begin(ClusterExtension.Get(system).SelfUniqueAddress.Uid);
            system.ActorOf(NodeAgent.Props(directory), NodeAgent.Name);
        });
}
