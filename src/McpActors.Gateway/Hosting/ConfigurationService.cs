using McpActors.Cluster.Discovery;
using McpActors.Core.Configuration;
using McpActors.Gateway.Configuration;

namespace McpActors.Gateway.Hosting;

/// <summary>What a reload changed, or would change.</summary>
/// <param name="Tried">What was read; with faults nothing changed.</param>
/// <param name="Changes">The difference to the configuration in force.</param>
/// <param name="Applied">What the cluster made of it; null of a preview.</param>
internal sealed record ReloadOutcome(ConfigurationResult Tried, ConfigurationDiff Changes, ApplyResult? Applied = null);

/// <summary>Offers the node's files to the cluster whenever they change. What the cluster takes is in force in all nodes at once; the node's own keys at its next start.</summary>
internal sealed partial class ConfigurationService : IHostedService, IDisposable
{
    private readonly NodeStart _start;
    private readonly ICatalogue _catalogue;
    private readonly ILogger<ConfigurationService> _log;
    private readonly ConfigurationWatcher _watcher;

    /// <summary>Watches nothing yet.</summary>
    public ConfigurationService(NodeStart start, ICatalogue catalogue, TimeProvider time, ILogger<ConfigurationService> log)
    {
        (_start, _catalogue, _log) = (start, catalogue, log);
        _watcher = new ConfigurationWatcher(start.Loader, start.Files, start.Loaded, new FolderChanges(), time);
        _watcher.Reloaded += reload => _ = OfferAsync(reload, CancellationToken.None);
    }

    /// <summary>The node's own files, as they were read last without faults.</summary>
    public ConfigurationResult Own => _watcher.Current;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _watcher.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _watcher.Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public void Dispose() => _watcher.Dispose();

    /// <summary>What a reload would change.</summary>
    public ReloadOutcome Preview()
    {
        var tried = _start.Loader.Load(_start.Files);
        var inForce = _catalogue.File.Configuration;
        return new ReloadOutcome(tried, ConfigurationDiff.Between(inForce, tried.IsValid ? tried.Configuration : inForce));
    }

    /// <summary>Reads the files again and makes them the cluster's revision. A bad file leaves everything as it is, in all nodes.</summary>
    public async Task<ReloadOutcome> ReloadAsync(CancellationToken cancel)
    {
        var before = _catalogue.File.Configuration;
        var reload = _watcher.Reload();
        if (!reload.IsApplied)
            return new ReloadOutcome(reload.Tried, ConfigurationDiff.Between(before, before));
        var applied = await _catalogue.ApplyAsync(reload.InForce.ToCatalogueFile(), ordered: true, cancel);
        return new ReloadOutcome(reload.Tried, ConfigurationDiff.Between(before, _catalogue.File.Configuration), applied);
    }

    private async Task OfferAsync(ConfigurationReload reload, CancellationToken cancel)
    {
        if (!reload.IsApplied)
        {
            LogRefused(reload.Tried.Faults.Count, reload.Tried.Faults[0].ToString());
            return;
        }

        try
        {
            var result = await _catalogue.ApplyAsync(reload.InForce.ToCatalogueFile(), ordered: false, cancel);
            if (result.Text is null && (!reload.Changes.IsEmpty || reload.IsOtherFile))
                LogApplied(result.Diff.Added.Count, result.Diff.Changed.Count, result.Diff.Removed.Count, string.Join(", ", reload.Changes.NeedRestart));
        }
        catch (Exception fault) // the watcher must outlive anything that one reload meets
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(100, LogLevel.Error, "The changed configuration has {Count} faults and was not applied; the old one stays in force. First: {First}")]
    private partial void LogRefused(int count, string first);

    [LoggerMessage(101, LogLevel.Information, "Configuration applied: {Added} servers added, {Changed} changed, {Removed} removed; needs a restart: [{NeedsRestart}]")]
    private partial void LogApplied(int added, int changed, int removed, string needsRestart);

    [LoggerMessage(102, LogLevel.Error, "A changed configuration could not be applied")]
    private partial void LogFailed(Exception fault);
}
