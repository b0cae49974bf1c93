using Akka.Hosting;
using McpActors.Cluster.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Membership;

/// <summary>Adds the way into a cluster to a node.</summary>
internal static class MembershipHosting
{
    /// <summary>Registers what finds nodes by name.</summary>
    public static IServiceCollection AddMembership(this IServiceCollection services)
    {
        services.TryAddSingleton<ISeedResolver, SystemSeedResolver>();
        return services;
    }

    /// <summary>Lets the node join: itself where it has no seeds, by name where they are names. Akka itself knows what to do with seeds of fixed addresses.</summary>
    public static AkkaConfigurationBuilder WithMembership(this AkkaConfigurationBuilder builder, NodeSettings node, IServiceProvider provider)
    {
        if (node.SeedNames.Count > 0)
        {
            builder.AddStartup((system, _) => system.ActorOf(
                SeedJoiner.Props(node, provider.GetRequiredService<ISeedResolver>(), provider.GetRequiredService<TimeProvider>()), "seeds"));
        }
        else if (node.Seeds.Count == 0)
        {
            builder.AddStartup((system, _) => ClusterExtension.Get(system).Join(ClusterExtension.Get(system).SelfAddress));
        }

        return builder;
    }
}
