using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// Writes and reads one row now and then, on a connection of its own, so that an outage is seen when nothing happens that would be recorded,
/// and so is its end. Also brings the tables up to date, where a node may do that, as soon as the store lets it.
/// </summary>
internal sealed class JournalProbe(Store store, JournalHealth health, TimeProvider time, ILogger<JournalProbe> log) : BackgroundService
{
    /// <summary>Between probes.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly string _name = $"{Environment.MachineName}:{Environment.ProcessId}";
    private bool _migrated = !store.MigratesItself;
    private bool _failing;

    /// <summary>One probe: tells the health what it found.</summary>
    internal async Task ProbeAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await store.OpenAsync(ct);
            if (!_migrated)
            {
                await Migrations.ApplyAsync(store, connection, time, ct);
                _migrated = true;
            }

            await WriteAsync(connection, ct);
            health.Probed();
            if (_failing)
                log.LogInformation("The journal can be written again");
            _failing = false;
        }
        catch (Exception fault) when (StoreFault.IsOutage(fault))
        {
            var reason = StoreFault.Describe(fault);
            health.Failed(reason);
            if (!_failing)
                log.LogWarning("The journal cannot be written ({Reason}); calls go on, what happens is kept and written later", reason);
            _failing = true;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                // SQLite blocks its thread while it waits for a lock: not one of those that start the host.
                await Task.Run(() => ProbeAsync(stoppingToken), stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private Task<int> WriteAsync(DbConnection connection, CancellationToken ct) => connection.ExecuteAsync(
        "INSERT INTO journal_probe (node, written_at) VALUES (@node, @at) ON CONFLICT (node) DO UPDATE SET written_at = excluded.written_at", ct,
        ("node", _name), ("at", time.GetUtcNow().UtcTicks));
}
