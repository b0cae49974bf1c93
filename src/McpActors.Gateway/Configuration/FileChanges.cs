namespace McpActors.Gateway.Configuration;

/// <summary>Tells when files change.</summary>
internal interface IFileChanges
{
    /// <summary>
    /// Calls <paramref name="changed"/> on any change of <paramref name="files"/>, also when they, or the folders that they are in, come or go; until disposed. After a folder
    /// came or went it is to be called anew: see <see cref="Places"/>.
    /// </summary>
    IDisposable Watch(IReadOnlyList<string> files, Action changed);

    /// <summary>Where <see cref="Watch"/> would look now: when that is not what it was, it does not see all any more.</summary>
    IReadOnlySet<string> Places(IReadOnlyList<string> files);
}

/// <summary>
/// Watches the folders of files, not the files: what replaces a file by rename, or swaps a link of its folder (as mounted configuration does), is then seen too. In place of
/// a folder that is missing the nearest one above it is watched, for what leads to it.
/// </summary>
internal sealed class FolderChanges : IFileChanges
{
    private const string SwappedLinkPrefix = "..";

    /// <inheritdoc/>
    public IDisposable Watch(IReadOnlyList<string> files, Action changed)
    {
        var watchers = new List<FileSystemWatcher>();
        foreach (var place in files.Select(Find).GroupBy(static found => found.Folder, found => found.Name, StringComparer.Ordinal))
        {
            try
            {
                watchers.Add(WatchFolder(place.Key, place.ToHashSet(StringComparer.Ordinal), changed));
            }
            catch (ArgumentException)
            {
                // It went since it was found: to look again finds what is there now.
                changed();
            }
        }

        return new Group(watchers);
    }

    /// <inheritdoc/>
    public IReadOnlySet<string> Places(IReadOnlyList<string> files) => files.Select(static file => Find(file).Folder).ToHashSet(StringComparer.Ordinal);

    /// <summary>The nearest folder that is there, and what in it leads to the file, or is it.</summary>
    private static (string Folder, string Name) Find(string file)
    {
        var path = file;
        while (Path.GetDirectoryName(path) is { } folder)
        {
            if (Directory.Exists(folder))
                return (folder, Path.GetFileName(path));
            path = folder;
        }

        return (path, "");
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
