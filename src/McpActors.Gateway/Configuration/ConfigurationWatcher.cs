using System.Collections.Frozen;
using McpActors.Core.Configuration;

namespace McpActors.Gateway.Configuration;

/// <summary>One attempt to take a changed configuration.</summary>
/// <param name="Tried">What was read.</param>
/// <param name="InForce">What is in force now: the new one, or the old one when the new one has faults.</param>
/// <param name="Changes">What it changes; empty when it has faults.</param>
public sealed record ConfigurationReload(ConfigurationResult Tried, ConfigurationResult InForce, ConfigurationDiff Changes)
{
    /// <summary>Whether the new configuration is in force.</summary>
    public bool IsApplied => Tried.IsValid;

    /// <summary>Whether what belongs to the cluster is written differently, even where it means the same.</summary>
    public bool IsOtherFile { get; init; }

    /// <summary>Whether a file of <c>discovery.files</c> says something else, came to be broken or was mended.</summary>
    public bool IsOtherDiscovered { get; init; }

    /// <summary>Whether anything is to be told.</summary>
    public bool IsNews => !IsApplied || !Changes.IsEmpty || IsOtherFile || IsOtherDiscovered;
}

/// <summary>
/// Holds the configuration in force and reads it again when a file changes or somebody asks. A bad one never takes the place of a good one, nor does one that is
/// being written: YAML that is cut off can be whole, but then it lacks something, so what takes servers away is believed later than other changes.
/// </summary>
internal sealed class ConfigurationWatcher : IDisposable
{
    /// <summary>Quiet time before a change is read: editors write in several steps.</summary>
    internal static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    /// <summary>Quiet time before servers are taken away.</summary>
    internal static readonly TimeSpan Certainty = TimeSpan.FromSeconds(2);

    private readonly ConfigurationLoader _loader;
    private readonly IReadOnlyList<string> _paths;
    private readonly IFileChanges _changes;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private IDisposable? _watch;
    private ConfigurationResult _current;
    private IReadOnlyList<string> _watched = [];
    private IReadOnlySet<string> _places = FrozenSet<string>.Empty;
    private bool _isCertain;
    private bool _isDisposed;

    /// <param name="loader">Reads the files.</param>
    /// <param name="paths">The files of the command line.</param>
    /// <param name="initial">What is in force.</param>
    /// <param name="changes">Tells of changed files.</param>
    /// <param name="time">Clock of the quiet time.</param>
    public ConfigurationWatcher(ConfigurationLoader loader, IReadOnlyList<string> paths, ConfigurationResult initial, IFileChanges changes, TimeProvider time)
    {
        (_loader, _paths, _current, _changes) = (loader, paths, initial, changes);
        _loader.Keep(initial);
        _timer = time.CreateTimer(_ => ReloadIfChanged(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Told after a change of the files that changed something or is bad, on a thread of the pool; a handler only enqueues.</summary>
    public event Action<ConfigurationReload>? Reloaded;

    /// <summary>What is in force.</summary>
    public ConfigurationResult Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>Starts to watch.</summary>
    public void Start()
    {
        lock (_gate)
            Watch(_current.Files);
    }

    /// <summary>Reads the files now. Who asks is told; nobody else is.</summary>
    public ConfigurationReload Reload()
    {
        lock (_gate)
            return Take(Read());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _watch?.Dispose();
            _timer.Dispose();
        }
    }

    private void ReloadIfChanged()
    {
        ConfigurationReload reload;
        lock (_gate)
        {
            reload = Read();
            if (reload.Changes.Removed.Count > 0 && !_isCertain && !_isDisposed)
            {
                _isCertain = true;
                _timer.Change(Certainty - Settle, Timeout.InfiniteTimeSpan);
                return;
            }

            Take(reload);
        }

        if (reload.IsNews)
            Reloaded?.Invoke(reload);
    }

    private ConfigurationReload Read()
    {
        var (before, tried) = (_current, _loader.Load(_paths));
        var inForce = tried.IsValid ? tried : before;
        return new ConfigurationReload(tried, inForce, ConfigurationDiff.Between(before.Configuration, inForce.Configuration))
        {
            IsOtherFile = before.Hash != inForce.Hash,
            IsOtherDiscovered = before.Discovered.Count != inForce.Discovered.Count || before.Discovered.Zip(inForce.Discovered, static (old, next) => old.IsSame(next)).Contains(false),
        };
    }

    private ConfigurationReload Take(ConfigurationReload reload)
    {
        _current = reload.InForce;
        if (reload.IsApplied)
            _loader.Keep(reload.Tried);
        // A bad file may have come to include others; the correction may be in any of them.
        if (_watch is not null)
            Watch([.. _current.Files.Union(reload.Tried.Files, StringComparer.Ordinal)]);
        return reload;
    }

    private void Watch(IReadOnlyList<string> files)
    {
        if (_isDisposed)
            return;
        var places = _changes.Places(files);
        var isMoved = _watch is not null && !places.SetEquals(_places);
        if (_watch is not null && !isMoved && files.ToHashSet(StringComparer.Ordinal).SetEquals(_watched))
            return;
        _watch?.Dispose();
        (_watched, _places) = (files, places);
        _watch = _changes.Watch(files, Touch);
        // What was written in a folder that came, after the files were read and before it was watched, nobody tells of.
        if (isMoved)
            Touch();
    }

    private void Touch()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isCertain = false;
            _timer.Change(Settle, Timeout.InfiniteTimeSpan);
        }
    }
}
