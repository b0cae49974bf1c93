using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Cluster.Overview;

/// <summary>Adds the view of the whole cluster to a node.</summary>
internal static class OverviewHosting
{
    public static IServiceCollection AddOverview(this IServiceCollection services) => services
        .AddSingleton<ServersDesk>()
        .AddSingleton<SessionsDesk>()
        .AddSingleton<NodeDesk>()
        .AddSingleton<OverviewDesk>()
        .AddSingleton<IOverviewDesk>(provider => provider.GetRequiredService<OverviewDesk>())
        .AddSingleton<NodeQuestions>()
        .AddSingleton<Singletons>()
        .AddSingleton<Persistence.LastStates>()
        .AddSingleton<IOverview, ClusterOverview>();
}
