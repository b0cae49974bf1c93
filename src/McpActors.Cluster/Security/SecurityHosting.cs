using Akka.Hosting;
using McpActors.Cluster.Hosting;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Overview;
using McpActors.Cluster.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Cluster.Security;

/// <summary>Adds the cluster's API keys to a node.</summary>
public static class SecurityHosting
{
    /// <summary>Name of the singleton in the cluster.</summary>
    public const string SingletonName = "keys";

    /// <summary>Adds the registry, its proxy and this node's agent.</summary>
    public static AkkaConfigurationBuilder WithKeys(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        var node = services.GetRequiredService<NodeSettings>();
        return builder
            .WithWorkerSingleton<KeyRegistry>(
                node,
                SingletonName,
                (_, _) => KeyRegistry.Props(services.GetRequiredService<JournalHealth>(), node.Recorder, services.GetRequiredService<TimeProvider>()),
                StopAuthority.Instance)
            .WithActors((system, registry) =>
            {
                var props = KeyAgent.Props(registry.Get<KeyRegistry>(), services.GetRequiredService<KeyHolder>(), services.GetRequiredService<KeysInStep>().Source);
                registry.Register<KeyAgent>(system.ActorOf(props, "keys-agent"));
            });
    }

    internal static IServiceCollection AddKeys(this IServiceCollection services)
    {
        services.AddSingletonPlace<KeyRegistry>(SingletonName);
        services.AddSingleton<KeyHolder>().AddSingleton<KeysInStep>().AddSingleton<IKeys, Keys>();
        return services.AddWarmUp("keys", async (provider, ct) => await provider.GetRequiredService<KeysInStep>().Source.Task.WaitAsync(ct));
    }
}

/// <summary>Completes when the registry's keys are in force here for the first time.</summary>
internal sealed class KeysInStep
{
    public TaskCompletionSource Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
