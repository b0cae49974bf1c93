using Akka.Hosting;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Persistence;
using McpActors.Core.Configuration;
using McpActors.Transports.Docker;
using McpActors.Transports.Registries;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>Adds the sources beside the configuration to a node.</summary>
public static class SourcesHosting
{
    /// <summary>Name of the singleton in the cluster.</summary>
    public const string SingletonName = "sources";

    /// <summary>Adds the coordinator, its proxy and this node's agent. After the catalogue, under which the sources are laid.</summary>
    public static AkkaConfigurationBuilder WithSources(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        var node = services.GetRequiredService<NodeSettings>();
        return builder
            .WithWorkerSingleton<SourcesCoordinator>(
                node,
                SingletonName,
                (system, _) => SourcesCoordinator.Props(services.GetRequiredService<JournalHealth>(), node.Recorder, NodeOf(system, services)),
                StopAuthority.Instance)
            .WithActors((system, registry) =>
            {
                var props = SourcesAgent.Props(registry.Get<SourcesCoordinator>(), registry.Get<CatalogueAgent>(), services.GetRequiredService<SourcesInStep>());
                registry.Register<SourcesAgent>(system.ActorOf(props, "sources-agent"));
                var holder = services.GetRequiredService<CatalogueHolder>();
                system.ActorOf(FileSources.Props(registry.Get<SourcesCoordinator>(), NodeOf(system, services), () => holder.File.Discovered), "file-sources");
                system.ActorOf(DockerSources.Props(registry.Get<SourcesCoordinator>(), NodeOf(system, services)), "docker-sources");
            });
    }

    internal static IServiceCollection AddSources(this IServiceCollection services)
    {
        services.TryAddSingleton<RegistryHttp>();
        services.TryAddSingleton<Func<RegistryOptions, IRegistryReader>>(provider =>
            options => new RegistryReader(provider.GetRequiredService<RegistryHttp>().Client, options, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<Func<IContainerEngine>>(DockerEngine.OfEnvironment);
        services.AddSingletonPlace<SourcesCoordinator>(SingletonName);
        services.AddSingleton<SourceBoard>().AddSingleton<SourcesInStep>().AddSingleton<ISources, SourcesFacade>();
        return services.AddWarmUp("sources", async (provider, ct) => await provider.GetRequiredService<SourcesInStep>().Source.Task.WaitAsync(ct));
    }

    private static SourcesNode NodeOf(Akka.Actor.ActorSystem system, IServiceProvider services)
    {
        var self = Akka.Cluster.Cluster.Get(system).SelfAddress;
        var holder = services.GetRequiredService<CatalogueHolder>();
        return new SourcesNode
        {
            Time = services.GetRequiredService<TimeProvider>(),
            Address = $"{self.Host}:{self.Port}",
            Name = services.GetRequiredService<NodeSettings>().Name,
            Host = self.Host,
            Discovery = () => holder.Discovery,
            IsInStep = () => holder.IsInStep,
            Registries = services.GetRequiredService<Func<RegistryOptions, IRegistryReader>>(),
            Engine = services.GetRequiredService<Func<IContainerEngine>>(),
            Board = services.GetRequiredService<SourceBoard>(),
        };
    }
}
