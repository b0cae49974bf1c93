using Akka.Actor;
using Akka.Hosting;
using McpActors.Cluster.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ClusterExtension = Akka.Cluster.Cluster;

namespace McpActors.Cluster.Lifecycle;

/// <summary>Something a node does before it says that it is ready, so that the first call does not pay for it.</summary>
/// <param name="Name">For the log.</param>
/// <param name="Run">Does it; bounded by the token. A failure is logged and does not keep the node from being ready.</param>
public sealed record WarmUpStep(string Name, Func<IServiceProvider, CancellationToken, Task> Run);

/// <summary>Whether the node takes its share of the work.</summary>
public interface INodeReadiness
{
    /// <summary>True once the node is a member of the cluster and warm. It stays true while it drains; see <see cref="IDrain"/>.</summary>
    bool IsReady { get; }

    /// <summary>Completes when it is ready.</summary>
    Task WhenReady { get; }

    /// <summary>From the start of the actor system to ready; null before.</summary>
    TimeSpan? Took { get; }
}

/// <summary>Waits for membership, runs the warm-up steps all at once, then says ready.</summary>
internal sealed class NodeReadiness(
    IServiceProvider services,
    IEnumerable<WarmUpStep> steps,
    IDrain drain,
    TimeProvider time,
    ILogger<NodeReadiness> log) : INodeReadiness
{
    /// <summary>A node that cannot warm up in this time serves cold: a journal that is down must not keep it away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    public Task WhenReady => _ready.Task;

    public TimeSpan? Took { get; private set; }

    public void Begin(ActorSystem system)
    {
        var begun = time.GetTimestamp();
        ClusterExtension.Get(system).RegisterOnMemberUp(() => _ = RunAsync(begun));
        ClusterExtension.Get(system).RegisterOnMemberRemoved(() => _ready.TrySetCanceled());
    }

    private async Task RunAsync(long begun)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, drain.Started);
        await Task.WhenAll(steps.Select(step => RunAsync(step, limit.Token)));
        if (drain.Draining)
        {
            // Told to stop before it had begun: it was never ready.
            _ready.TrySetCanceled();
            return;
        }

        GiveBackWhatTheStartTook();
        Took = time.GetElapsedTime(begun);
        _ready.TrySetResult();
        log.LogInformation("The node is ready after {Milliseconds} ms", (int)Took.Value.TotalMilliseconds);
    }

    /// <summary>
    /// A start fills several times the memory that an idle node needs, and the runtime keeps it until there is pressure. Given back before the first call, when a pause
    /// of some milliseconds is nobody's.
    /// </summary>
    private void GiveBackWhatTheStartTook()
    {
        if (services.GetRequiredService<NodeSettings>().OwnsProcess)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private async Task RunAsync(WarmUpStep step, CancellationToken ct)
    {
        try
        {
            await step.Run(services, ct).WaitAsync(ct);
        }
        catch (Exception cold)
        {
            // Whatever failed will be met again by the first call, which has its own handling; being unready would take every call away.
            if (!drain.Draining)
                log.LogWarning("Serving without a warm {Step}: {Reason}", step.Name, cold.Message);
        }
    }
}

/// <summary>Adds readiness to a node.</summary>
internal static class ReadinessHosting
{
    public static IServiceCollection AddWarmUp(this IServiceCollection services, string name, Func<IServiceProvider, CancellationToken, Task> run) =>
        services.AddSingleton(new WarmUpStep(name, run));

    public static AkkaConfigurationBuilder WithMcpReadiness(this AkkaConfigurationBuilder builder, IServiceProvider services) =>
        builder.AddStartup((system, _) => services.GetRequiredService<NodeReadiness>().Begin(system));
}
