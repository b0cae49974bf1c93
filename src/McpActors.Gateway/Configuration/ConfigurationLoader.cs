using System.Collections.Concurrent;
using System.Collections.Frozen;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;
using McpActors.Core.Discovery;

namespace McpActors.Gateway.Configuration;

/// <summary>What loading came to.</summary>
public sealed record ConfigurationResult
{
    /// <summary>The configuration; not to be used when there are faults.</summary>
    public required GatewayConfiguration Configuration { get; init; }

    /// <summary>Everything that is wrong, in the order of the files.</summary>
    public required IReadOnlyList<ConfigurationFault> Faults { get; init; }

    /// <summary>What is worth a word, but stops nothing.</summary>
    public required IReadOnlyList<ConfigurationFault> Warnings { get; init; }

    /// <summary>What belongs to the cluster, references unresolved; of a file with faults there is none.</summary>
    public required RevisionContent Content { get; init; }

    /// <summary>Hash of what belongs to the cluster.</summary>
    public string Hash => Content.Hash;

    /// <summary>Absolute paths of all files that were asked for, also of those that were not there.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The files of <c>discovery.files</c>, as they were listed.</summary>
    public IReadOnlyList<DiscoveredFile> Discovered { get; init; } = [];

    /// <summary>What those files say that counted as they are now, by path.</summary>
    internal IReadOnlyDictionary<string, string> DiscoveredTexts { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Whether it may be used.</summary>
    public bool IsValid => Faults.Count == 0;

    /// <summary>As the catalogue takes it.</summary>
    public CatalogueFile ToCatalogueFile() => CatalogueFile.From(Configuration, Content, Files, Discovered);
}

/// <summary>
/// Reads configuration files: ours as YAML or JSON, and those that MCP clients keep. Of the latter it remembers what it is told to keep, so one loader serves all
/// reloads of a process.
/// </summary>
/// <param name="inputs">Environment and files.</param>
/// <param name="currentDirectory">Where relative paths on the command line start.</param>
internal sealed class ConfigurationLoader(IConfigurationInputs inputs, string currentDirectory)
{
    private const string RevisionName = "revision";

    private readonly ConcurrentDictionary<string, string> _lastGood = new(StringComparer.Ordinal);

    /// <summary>The loader of this process.</summary>
    public static ConfigurationLoader ForMachine() => new(new MachineInputs(), Directory.GetCurrentDirectory());

    /// <summary>Loads files over each other; none gives the defaults.</summary>
    public ConfigurationResult Load(params IReadOnlyList<string> paths)
    {
        var run = new LoadRun(new RecordingInputs(inputs), currentDirectory);
        var folder = FolderOf(paths);
        var root = Empty("defaults", currentDirectory);
        var parts = new Dictionary<string, MapNode>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (run.Read(path) is not { } read)
                continue;
            // The first file decides where the default paths start.
            root = root.Entries.Count == 0 ? read.Expanded : ConfigurationMerge.Merge(root, read.Expanded, "", run.Found.Faults);
            var from = Path.GetRelativePath(folder, read.Raw.Mark.File.Directory!) is not "." and var other ? other.Replace('\\', '/') : "";
            // The same faults as of the merge before.
            parts[from] = parts.TryGetValue(from, out var before) ? ConfigurationMerge.Merge(before, read.Raw, "", []) : read.Raw;
        }

        var result = Finish(run, root);
        return result.IsValid ? result with { Content = RevisionContent.Pack(ClusterPart.Write(parts.Select(part => new FolderPart(part.Key, part.Value)))) } : result;
    }

    /// <summary>Loads a revision of the cluster as it counts on this node.</summary>
    /// <param name="content">The revision.</param>
    /// <param name="paths">The node's own files, for where relative paths start.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of a form that this version does not know.</exception>
    public ConfigurationResult LoadRevision(RevisionContent content, IReadOnlyList<string> paths)
    {
        var run = new LoadRun(new RecordingInputs(inputs), currentDirectory);
        var folder = FolderOf(paths);
        var root = Empty(RevisionName, folder);
        foreach (var part in ClusterPart.Read(content.Unpack(), RevisionName, folder))
            root = ConfigurationMerge.Merge(root, run.Expand(part.Root), "", run.Found.Faults);
        var result = Finish(run, root) with { Content = content };
        // A revision comes at any time, also while such a file is being written; but of one that only the cluster names nobody else says anything here.
        foreach (var (path, text) in result.DiscoveredTexts)
            _lastGood.TryAdd(path, text);
        return result;
    }

    /// <summary>
    /// What the discovered files of a result say stands in for them from now on while they cannot be used. Only for what is in force: whatever else was read may have
    /// been read while it was being written.
    /// </summary>
    public void Keep(ConfigurationResult result)
    {
        foreach (var (path, text) in result.DiscoveredTexts)
            _lastGood[path] = text;
    }

    private string FolderOf(IReadOnlyList<string> paths) =>
        paths.Count == 0 ? currentDirectory : Path.GetDirectoryName(Path.GetFullPath(paths[0], currentDirectory)) ?? currentDirectory;

    private static MapNode Empty(string name, string folder) => new(new SourceMark(new SourceFile(name, folder), 1, 1), []);

    private ConfigurationResult Finish(LoadRun run, MapNode root)
    {
        var (reading, discovered, texts) = new DiscoveredFileReading(run, _lastGood).Read(root);
        return new ConfigurationResult
        {
            Configuration = reading.Configuration,
            Faults = Sorted(run.Found.Faults.Concat(reading.Faults), run.Order),
            Warnings = Sorted(run.Found.Warnings.Concat(reading.Warnings), run.Order),
            Content = RevisionContent.None,
            Files = [.. run.Inputs.Files],
            Discovered = discovered,
            DiscoveredTexts = texts,
        };
    }

    private static ConfigurationFault[] Sorted(IEnumerable<ConfigurationFault> faults, List<string> order) =>
        [.. faults.Distinct().OrderBy(fault => order.IndexOf(fault.File)).ThenBy(static fault => fault.Line).ThenBy(static fault => fault.Column)];
}
