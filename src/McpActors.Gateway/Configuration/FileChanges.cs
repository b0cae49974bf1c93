namespace McpActors.Gateway.Configuration;

/// <summary>Tells when files change.</summary>
internal interface IFileChanges
{
    /// <summary>Calls <paramref name="changed"/> on any change of <paramref name="files"/>, also when they come or go; until disposed.</summary>
    IDisposable Watch(IReadOnlyList<string> files, Action changed);
}

/// <summary>
/// Watches the folders of files, not the files: what replaces a file by rename, or swaps a link of its folder (as mounted configuration does), is then seen too.
/// </summary>
internal sealed class FolderChanges : IFileChanges
{
    private const string SwappedLinkPrefix = "..";

    /// <inheritdoc/>
    public IDisposable Watch(IReadOnlyList<string> files, Action changed)
    {
        var watchers = new List<FileSystemWatcher>();
        foreach (var folder in files.GroupBy(static file => Path.GetDirectoryName(file)!, StringComparer.Ordinal).Where(static group => Directory.Exists(group.Key)))
            watchers.Add(WatchFolder(folder.Key, folder.Select(static file => Path.GetFileName(file)).ToHashSet(StringComparer.Ordinal), changed));
        return new Group(watchers);
    }

    private static FileSystemWatcher WatchFolder(string folder, HashSet<string> names, Action changed)
    {
        var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.DirectoryName };
        watcher.Changed += (_, e) => Tell(e.Name);
        watcher.Created += (_, e) => Tell(e.Name);
        watcher.Deleted += (_, e) => Tell(e.Name);
        watcher.Renamed += (_, e) =>
        {
            Tell(e.Name);
            Tell(e.OldName);
        };
        // Events were lost: what changed is not known, so everything is read.
        watcher.Error += (_, _) => changed();
        watcher.EnableRaisingEvents = true;
        return watcher;

        void Tell(string? name)
        {
            if (name is null || names.Contains(name) || name.StartsWith(SwappedLinkPrefix, StringComparison.Ordinal))
                changed();
        }
    }

    private sealed class Group(List<FileSystemWatcher> watchers) : IDisposable
    {
        public void Dispose() => watchers.ForEach(static watcher => watcher.Dispose());
    }
}
