using Akka.Cluster.Hosting;
using Akka.Hosting;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Persistence;
using McpActors.Core.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace McpActors.Cluster.Sessions;

/// <summary>Adds client sessions to a node.</summary>
public static class SessionHosting
{
    /// <summary>Name of the shard region.</summary>
    public const string RegionName = "session";

    /// <summary>Adds the shard region of sessions and this node's ear.</summary>
    public static AkkaConfigurationBuilder WithSessions(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        var node = services.GetRequiredService<NodeSettings>();
        var settings = services.GetRequiredService<SessionActorSettings>();
        var local = services.GetRequiredService<LocalSessions>();
        var health = services.GetRequiredService<JournalHealth>();
        var time = services.GetRequiredService<TimeProvider>();
        return builder
            .WithShardRegion<SessionActor>(
                RegionName,
                (_, _, _) => name => SessionActor.Props(name, settings, local, health, time),
                new SessionMessageExtractor(node.Shards),
                NodeHosting.EntityShards(SessionActor.StopSession.Instance))
            .WithActors((system, registry) =>
            {
                var cache = services.GetRequiredService<SessionCache>();
                var streams = services.GetRequiredService<SessionStreams>();
                var drain = services.GetRequiredService<IDrain>();
                var news = system.ActorOf(SessionNews.Props(registry.Get<SessionActor>(), cache, streams, settings.RestAfter, drain), "session-news");
                registry.Register<SessionNews>(news);
            });
    }

    internal static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddSingleton(provider => new SessionSettings { Idle = provider.GetRequiredService<NodeSettings>().SessionIdle });
        services.TryAddSingleton(provider => new SessionActorSettings
        {
            Session = provider.GetRequiredService<SessionSettings>(),
            Recorder = provider.GetRequiredService<NodeSettings>().Recorder,
        });
        services.AddSingleton(provider => new SessionCache(
            provider.GetRequiredService<NodeSettings>().MaxSessions,
            provider.GetRequiredService<SessionSettings>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<LocalSessions>();
        services.AddSingleton<SessionStreams>();
        services.AddSingleton<ISessions, SessionsFacade>();
        // A question for a session that never was wakes the region, a shard and the journal's read side.
        return services.AddWarmUp("session region", async (provider, ct) =>
            await provider.GetRequiredService<ISessions>().FindAsync(SessionIds.Next(), ct));
    }
}
