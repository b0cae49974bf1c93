using McpActors.Cluster.Discovery;
using McpActors.Core.Configuration;
using McpActors.Core.Discovery;
using McpActors.Gateway.Configuration;

namespace McpActors.Gateway.Hosting;

/// <summary>What a reload changed, or would change.</summary>
/// <param name="Tried">What was read; with faults nothing changed.</param>
/// <param name="Changes">The difference to the configuration in force.</param>
/// <param name="Text">What the cluster's journal said when it did not take the new revision.</param>
internal sealed record ReloadOutcome(ConfigurationResult Tried, ConfigurationDiff Changes, string? Text = null);

/// <summary>Puts the node's files in force, at the start and whenever they change: servers at once, the node's own keys at the next start.</summary>
internal sealed partial class ConfigurationService : IHostedService, IDisposable
{
    private readonly NodeStart _start;
    private readonly CurrentConfiguration _current;
    private readonly ICatalogue _catalogue;
    private readonly ILogger<ConfigurationService> _log;
    private readonly ConfigurationWatcher _watcher;

    /// <summary>Watches nothing yet.</summary>
    public ConfigurationService(NodeStart start, CurrentConfiguration current, ICatalogue catalogue, TimeProvider time, ILogger<ConfigurationService> log)
    {
        (_start, _current, _catalogue, _log) = (start, current, catalogue, log);
        _watcher = new ConfigurationWatcher(start.Loader, start.Files, start.Loaded, new FolderChanges(), time);
        _watcher.Reloaded += reload => _ = ApplyAsync(reload, CancellationToken.None);
    }

    /// <summary>The configuration in force.</summary>
    public ConfigurationResult Current => _current.Result;

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
        var next = tried.IsValid ? tried.Configuration : Current.Configuration;
        return new ReloadOutcome(tried, ConfigurationDiff.Between(Current.Configuration, next));
    }

    /// <summary>Reads the files again. A bad file leaves everything as it is.</summary>
    public async Task<ReloadOutcome> ReloadAsync(CancellationToken cancel)
    {
        var before = Current.Configuration;
        var reload = _watcher.Reload();
        var text = reload.IsApplied ? (await _catalogue.ApplyAsync(CatalogueFile.From(reload.InForce.Configuration), cancel)).Text : null;
        return new ReloadOutcome(reload.Tried, ConfigurationDiff.Between(before, reload.InForce.Configuration), text);
    }

    private async Task ApplyAsync(ConfigurationReload reload, CancellationToken cancel)
    {
        if (!reload.IsApplied)
        {
            LogRefused(reload.Tried.Faults.Count, reload.Tried.Faults[0].ToString());
            return;
        }

        try
        {
            _current.Result = reload.InForce;
            await _catalogue.ApplyAsync(CatalogueFile.From(reload.InForce.Configuration), cancel);
            LogApplied(reload.Changes.Added.Count, reload.Changes.Changed.Count, reload.Changes.Removed.Count, string.Join(", ", reload.Changes.NeedRestart));
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
