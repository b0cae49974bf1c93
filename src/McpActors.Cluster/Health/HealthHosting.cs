using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Health;

/// <summary>Adds the monitor of health to a node.</summary>
public static class HealthHosting
{
    /// <summary>Name of the singleton in the cluster.</summary>
    public const string SingletonName = "health";

    /// <summary>Adds the monitor, its proxy and this node's agent.</summary>
    public static AkkaConfigurationBuilder WithHealth(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        return builder
            .WithWorkerSingleton<HealthMonitor>(
                services.GetRequiredService<NodeSettings>(),
                SingletonName,
                (system, registry) => HealthMonitor.Props(Setup(system, registry, services)),
                HealthMonitor.Stop.Instance)
            .WithActors((system, registry) =>
            {
                var props = HealthAgent.Props(
                    registry.Get<HealthMonitor>(),
                    services.GetRequiredService<HealthHolder>(),
                    services.GetRequiredService<AlarmBoard>(),
                    services.GetRequiredService<IJournalHealth>());
                registry.Register<HealthAgent>(system.ActorOf(props, "health-agent"));
            });
    }

    internal static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.TryAddSingleton<IHealthMetrics, NoHealthMetrics>();
        services.TryAddSingleton<IWebhooks, HttpWebhooks>();
        services.AddSingletonPlace<HealthMonitor>(SingletonName);
        services.AddSingleton<HealthHolder>();
        services.AddSingleton<AlarmBoard>();
        services.AddSingleton<IAlarms>(provider => provider.GetRequiredService<AlarmBoard>());
        return services.AddSingleton<IHealth, HealthView>();
    }

    // One history for the verdicts on all servers, of which the last one each is kept.
    private const int MostWaitingEvents = 50_000;

    private static HealthMonitorSetup Setup(ActorSystem system, IActorRegistry registry, IServiceProvider services)
    {
        var holder = services.GetRequiredService<CatalogueHolder>();
        return new HealthMonitorSetup
        {
            Journal = services.GetRequiredService<JournalHealth>(),
            Recorder = services.GetRequiredService<NodeSettings>().Recorder with { Capacity = MostWaitingEvents },
            Node = services.GetRequiredService<NodeSettings>().Name,
            Time = services.GetRequiredService<TimeProvider>(),
            Catalogue = services.GetRequiredService<ICatalogue>(),
            IsInStep = () => holder is { IsInStep: true, HasSources: true },
            Webhooks = services.GetRequiredService<IWebhooks>(),
            Metrics = services.GetRequiredService<IHealthMetrics>(),
            Servers = () => registry.TryGet<ServerRegion>(out var region) ? region : null,
            Members = () => Seen(ClusterExtension.Get(system)),
        };
    }

    private static MembersSeen Seen(ClusterExtension cluster)
    {
        var state = cluster.State;
        return new MembersSeen(Addresses(state.Members), Addresses(state.Unreachable));
    }

    private static HashSet<string> Addresses(IEnumerable<Member> members) => [.. members.Select(member => member.Address.ToString())];
}
