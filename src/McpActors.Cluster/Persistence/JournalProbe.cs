using McpActors.Cluster.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Cluster.Persistence;

/// <summary>
/// Writes and reads one row now and then, on a connection of its own, so that an outage is seen when nothing happens that would be recorded,
/// and so is its end. Also brings our own tables up to date, as soon as the store lets it.
/// </summary>
internal sealed class JournalProbe(NodeSettings node, JournalHealth health, TimeProvider time, ILogger<JournalProbe> log) : BackgroundService
{
    /// <summary>Between probes.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly string _name = $"{Environment.MachineName}:{Environment.ProcessId}";
    private bool _migrated;
    private bool _failing;

    /// <summary>One probe: tells the health what it found.</summary>
    internal async Task ProbeAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await SqliteStore.OpenAsync(node.Connection, ct);
            if (!_migrated)
            {
                await Migrations.ApplyAsync(connection, time, ct);
                _migrated = true;
            }

            await WriteAsync(connection, ct);
            health.Probed();
            if (_failing)
                log.LogInformation("The journal can be written again");
            _failing = false;
        }
        catch (SqliteException fault)
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
        SqliteStore.EnsureDirectory(node.Connection);
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

    private async Task WriteAsync(SqliteConnection connection, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO journal_probe (node, written_at) VALUES ($node, $at) ON CONFLICT (node) DO UPDATE SET written_at = excluded.written_at";
        command.Parameters.AddWithValue("$node", _name);
        command.Parameters.AddWithValue("$at", time.GetUtcNow().UtcTicks);
        await command.ExecuteNonQueryAsync(ct);
    }
}
