using Akka.Actor;

namespace McpActors.Gateway.Hosting;

/// <summary>
/// Leaves the cluster before the listeners close: until its servers have moved, other nodes speak to this one's processes over the internal listener. The front
/// refuses new calls meanwhile, and readiness says so.
/// </summary>
internal sealed partial class GracefulLeave(ActorSystem system, ILogger<GracefulLeave> log) : IHostedLifecycleService
{
    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
