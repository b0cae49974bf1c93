namespace McpActors.Core.Discovery.Sources;

/// <summary>How the files of <c>discovery.files</c> do at one node, told from how they were read.</summary>
public static class FileStatuses
{
    /// <summary>The statuses after a look at the files.</summary>
    /// <param name="before">The statuses before.</param>
    /// <param name="files">The files as they are in force.</param>
    /// <param name="node">The node, host:port.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyDictionary<SourceName, SourceStatus> Next(
        IReadOnlyDictionary<SourceName, SourceStatus> before, IReadOnlyList<DiscoveredFile> files, string node, DateTimeOffset now) =>
        files.ToDictionary(static file => file.Source, file => Next(before.GetValueOrDefault(file.Source) ?? new SourceStatus(file.Source, node), file, now));

    /// <summary>What is wrong with a file, in one line; empty when nothing is.</summary>
    public static string ErrorOf(DiscoveredFile file) => file.Faults.Count switch
    {
        0 => "",
        1 => file.Faults[0].ToString(),
        var count => $"{file.Faults[0]} (and {count - 1} more)",
    };

    private static SourceStatus Next(SourceStatus before, DiscoveredFile file, DateTimeOffset now)
    {
        var said = file.Servers.Count + file.Outranked.Count;
        if (file.Faults.Count == 0)
            return before is { LastSuccess: not null, Failures: 0 } && before.Servers == said ? before : before.Succeeded(now, said, due: null);
        var failed = before.Failed(now, ErrorOf(file), due: null);
        return failed.LastError == before.LastError ? before : failed with { Servers = said };
    }
}
