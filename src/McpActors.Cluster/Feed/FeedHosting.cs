using System.Security.Cryptography;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Cluster.Feed;

/// <summary>Adds the live feed to a node.</summary>
internal static class FeedHosting
{
    public static IServiceCollection AddFeed(this IServiceCollection services) =>
        services.AddSingleton(_ => new TransitionFeed(RandomNumberGenerator.GetInt32(int.MaxValue)));

    public static AkkaConfigurationBuilder WithFeed(this AkkaConfigurationBuilder builder, IServiceProvider provider) => builder.WithActors((system, _) =>
        system.ActorOf(FeedRelay.Props(provider.GetRequiredService<TransitionFeed>(), provider.GetRequiredService<TimeProvider>()), FeedRelay.Name));
}
