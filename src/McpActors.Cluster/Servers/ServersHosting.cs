using Akka;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Nodes;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Servers.Bundles;
using McpActors.Cluster.Servers.Leases;
using McpActors.Cluster.Sessions;
using McpActors.Core.Servers;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Servers;

/// <summary>The key of the servers' shard region.</summary>
public sealed class ServerRegion
{
    /// <summary>The region's name in the cluster; part of the wire.</summary>
    public const string Name = "server";

    private ServerRegion()
    {
    }
}

/// <summary>Finds the entity of a message: the server it is about.</summary>
/// <param name="shards">Shards in all; never changes in the life of a cluster.</param>
internal sealed class ServerMessageExtractor(int shards) : HashCodeMessageExtractor(shards)
{
    public override string? EntityId(object message) => (message as IWithServerId)?.Server.Value;
}

/// <summary>Adds the server actors to a node.</summary>
public static class ServersHosting
{
    private static readonly ServerId WarmUp = new("warm-up");

    /// <summary>Registers the services behind the server actors, and <see cref="IServerCalls"/> in front of them.</summary>
    public static IServiceCollection AddServers(this IServiceCollection services)
    {
        services.TryAddSingleton<ConnectionRegistry>();
        services.TryAddSingleton(new TransportSettings());
        services.TryAddSingleton<IUpstreamConnector, UpstreamConnector>();
        services.TryAddSingleton<IServerMetrics>(NoServerMetrics.Instance);
        services.TryAddSingleton<IServerModels>(provider => new CatalogueModels(provider.GetRequiredService<ICatalogue>()));
        services.TryAddSingleton<UpstreamPool>();
        services.TryAddSingleton<LocalServers>();
        services.TryAddSingleton(provider => new ServerTalks(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new NodeLeases(new LeaseServices(
            provider.GetRequiredService<IServerModels>(),
            provider.GetRequiredService<UpstreamPool>(),
            provider.GetRequiredService<IServerMetrics>(),
            provider.GetRequiredService<TimeProvider>())));
        services.TryAddSingleton<IServerCalls>(provider => new ServerCalls(
            provider.GetRequiredService<IRequiredActor<ServerRegion>>(),
            new ServerWays(
                provider.GetRequiredService<LocalServers>(),
                provider.GetRequiredService<NodeLeases>(),
                provider.GetRequiredService<ServerTalks>()),
            provider.GetRequiredService<INodes>(),
            provider.GetRequiredService<Parcels>(),
            provider.GetRequiredService<TimeProvider>()));
        // A question for the state of a server that never was wakes the region, a shard and a recorder.
        return services.AddWarmUp("server region", async (provider, ct) =>
            await provider.GetRequiredService<IServerCalls>().GetStatusAsync(WarmUp, ct));
    }

    /// <summary>Starts the shard region of the servers.</summary>
    public static AkkaConfigurationBuilder WithServers(this AkkaConfigurationBuilder builder, IServiceProvider provider)
    {
        var node = provider.GetRequiredService<NodeSettings>();
        var pool = provider.GetRequiredService<UpstreamPool>();
        provider.GetRequiredService<IDrain>().OnDrained(pool.CloseAllAsync);
        provider.GetRequiredService<IDrain>().OnHandedOver(pool.WhenNoneLingersAsync);
        return builder
            .WithShardRegion<ServerRegion>(
                ServerRegion.Name,
                (system, _, _) =>
                {
                    var shared = Shared(system, node, provider, pool);
                    return id => ServerActor.Props(new ServerId(id), shared);
                },
                new ServerMessageExtractor(node.Shards),
                NodeHosting.EntityShards(ServerActor.HandOff.Instance))
            .WithActors((system, registry) =>
            {
                system.ActorOf(UndeliveredCommands.Props(registry.Get<ServerRegion>(), provider.GetRequiredService<TimeProvider>()), "undelivered-commands");
                system.ActorOf(NewsDelivery.Props(provider.GetRequiredService<SessionStreams>()), NewsDelivery.Name);
                var talks = provider.GetRequiredService<ServerTalks>();
                talks.Start(registry.Get<ServerRegion>(), system.ActorOf(BundleEar.Props(talks), BundleEar.Name));
                StartLeases(system, registry.Get<ServerRegion>(), provider.GetRequiredService<NodeLeases>());
                system.ActorOf(EagerStarter.Props(provider.GetRequiredService<ICatalogue>(), registry.Get<ServerRegion>()), "eager-servers");
            });
    }

    private static void StartLeases(ActorSystem system, IActorRef region, NodeLeases leases)
    {
        var self = ClusterExtension.Get(system).SelfUniqueAddress;
        leases.Start(region, system.ActorOf(LeaseAgent.Props(leases), LeaseAgent.Name), self.Address.ToString(), self.Uid);
        // The calls of this node are over by then, and the way to the owners still there.
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "give-leases-back", () =>
        {
            leases.Close();
            return Task.FromResult(Done.Instance);
        });
    }

    private static ServerNode Shared(ActorSystem system, NodeSettings node, IServiceProvider provider, UpstreamPool pool) => new()
    {
        Models = provider.GetRequiredService<IServerModels>(),
        Pool = pool,
        Local = provider.GetRequiredService<LocalServers>(),
        Parcels = provider.GetRequiredService<Parcels>(),
        Peers = new LeasePeers(system, provider.GetRequiredService<NodeDirectory>()),
        Life = ClusterExtension.Get(system).SelfUniqueAddress.Uid,
        Journal = provider.GetRequiredService<JournalHealth>(),
        Results = provider.GetRequiredService<CacheTable>(),
        Time = provider.GetRequiredService<TimeProvider>(),
        Metrics = provider.GetRequiredService<IServerMetrics>(),
        Recorder = node.Recorder,
        Name = ClusterExtension.Get(system).SelfAddress.ToString(),
    };
}
