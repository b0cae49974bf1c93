using Akka;
using Akka.Actor;
using Microsoft.Extensions.Options;

namespace McpActors.Gateway.Hosting;

/// <summary>
/// Leaves the cluster before the listeners close: until its servers have moved, other nodes speak to this one's processes over the internal listener. The front
/// refuses new calls meanwhile, and readiness says so. A node that the others gave up has nothing to wait for: it ends within seconds, whoever is still connected.
/// </summary>
internal sealed partial class GracefulLeave(ActorSystem system, IOptions<HostOptions> host, ILogger<GracefulLeave> log) : IHostedLifecycleService
{
    /// <summary>For answers that are being written; who then still waits for one would wait for its deadline, and the supervisor for it.</summary>
    private static readonly TimeSpan GivenUpTime = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "hasten-host", () =>
        {
            // The host reads it when it stops, which follows upon the end of the actor system; the listeners then wait no longer than this.
            if (shutdown.ShutdownReason is CoordinatedShutdown.ClusterDowningReason)
                host.Value.ShutdownTimeout = GivenUpTime;
            return Task.FromResult(Done.Instance);
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host's patience is over; it goes on closing.
            LogLate();
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(120, LogLevel.Warning, "The node did not leave its cluster in the time it has for stopping")]
    private partial void LogLate();
}
