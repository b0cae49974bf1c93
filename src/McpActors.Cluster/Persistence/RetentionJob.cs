using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Cluster.Persistence;

/// <summary>Runs <see cref="Retention"/> now and then, on one node of all that share the store, and never while the journal has trouble.</summary>
internal sealed class RetentionJob(Retention retention, IJournalHealth health, TimeProvider time, ILogger<RetentionJob> log) : BackgroundService
{
    /// <summary>Before the first try, so that it does not compete with the start of the node. Also how often a node looks whether it is its turn.</summary>
    internal static readonly TimeSpan Look = TimeSpan.FromMinutes(5);

    private readonly string _owner = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>One try. Answers what was deleted; null: not now, or not here.</summary>
    internal async Task<RetentionReport?> TryAsync(CancellationToken ct)
    {
        if (health is not { State: JournalState.Ok, Queued: 0 })
            return null;
        try
        {
            if (!await retention.ClaimAsync(_owner, ct))
                return null;
            var report = await retention.RunAsync(ct);
            if (report != default)
                log.LogInformation("Old history is deleted: {Events} events, {Sessions} ended sessions, {Others} rows of nodes that are gone", report.Events, report.Sessions, report.Others);
            return report;
        }
        catch (Exception fault) when (StoreFault.IsOutage(fault))
        {
            log.LogWarning("Old history could not be deleted: {Reason}", StoreFault.Describe(fault));
            return null;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Task.Run(() => TryAsync(stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }
}
