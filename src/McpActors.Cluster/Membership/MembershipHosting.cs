using Akka.Actor;
using Akka.Hosting;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Membership;

/// <summary>Adds the way into a cluster to a node.</summary>
internal static class MembershipHosting
{
    /// <summary>Registers what finds nodes by name, and the mark of those that live.</summary>
    public static IServiceCollection AddMembership(this IServiceCollection services)
    {
        services.TryAddSingleton<ISeedResolver, SystemSeedResolver>();
        return services.AddSingleton<ClusterMark>().AddSingleton<Namesakes>();
    }

    /// <summary>Lets the node join: itself where it has no seeds, by name where they are names, else through those seeds.</summary>
    public static AkkaConfigurationBuilder WithMembership(this AkkaConfigurationBuilder builder, NodeSettings node, IServiceProvider provider)
    {
        builder.AddStartup((system, _) => system.ActorOf(NameWatch.Props(provider.GetRequiredService<Namesakes>(), node.NamesakePatience), "name-watch"));
        if (node.SeedNames.Count > 0)
        {
            builder.AddStartup((system, _) => system.ActorOf(
                SeedJoiner.Props(node, provider.GetRequiredService<ISeedResolver>(), provider.GetRequiredService<TimeProvider>()), "seeds"));
        }
        else if (node.Seeds.Count == 0)
        {
            builder.AddStartup((system, _) => ClusterExtension.Get(system).Join(ClusterExtension.Get(system).SelfAddress));
        }
        else
        {
            builder.AddStartup((system, _) => StartFormation(system, node, provider));
        }

        return builder;
    }

    private static void StartFormation(ActorSystem system, NodeSettings node, IServiceProvider provider)
    {
        var mark = provider.GetRequiredService<ClusterMark>();
        var protocol = node.Tls.IsOn ? "akka.ssl.tcp" : "akka.tcp";
        var seeds = node.Seeds.Select(seed => Address.Parse($"{protocol}://{NodeSettings.SystemName}@{seed}")).ToList();
        ClusterFormation.RemoveAtEnd(system, provider.GetRequiredService<INodes>(), mark);
        system.ActorOf(ClusterFormation.Props(seeds, mark, node.FormationLook), "formation");
    }
}
