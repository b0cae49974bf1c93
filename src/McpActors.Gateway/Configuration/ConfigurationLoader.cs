using System.Text;
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

    /// <summary>Whether it may be used.</summary>
    public bool IsValid => Faults.Count == 0;

    /// <summary>As the catalogue takes it.</summary>
    public CatalogueFile ToCatalogueFile() => CatalogueFile.From(Configuration, Content, Files);
}

/// <summary>Reads configuration files: ours as YAML or JSON, and those that MCP clients keep.</summary>
/// <param name="inputs">Environment and files.</param>
/// <param name="currentDirectory">Where relative paths on the command line start.</param>
internal sealed class ConfigurationLoader(IConfigurationInputs inputs, string currentDirectory)
{
    private const string RevisionName = "revision";

    /// <summary>The loader of this process.</summary>
    public static ConfigurationLoader ForMachine() => new(new MachineInputs(), Directory.GetCurrentDirectory());

    /// <summary>Loads files over each other; none gives the defaults.</summary>
    public ConfigurationResult Load(params IReadOnlyList<string> paths)
    {
        var run = new Run(new RecordingInputs(inputs), currentDirectory);
        var folder = FolderOf(paths);
        var root = Empty("defaults", currentDirectory);
        var parts = new Dictionary<string, MapNode>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (run.Read(path, isDiscovered: false) is not { } read)
                continue;
            // The first file decides where the default paths start.
            root = root.Entries.Count == 0 ? read.Expanded : ConfigurationMerge.Merge(root, read.Expanded, "", run.Faults);
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
        var run = new Run(new RecordingInputs(inputs), currentDirectory);
        var folder = FolderOf(paths);
        var root = Empty(RevisionName, folder);
        foreach (var part in ClusterPart.Read(content.Unpack(), RevisionName, folder))
            root = ConfigurationMerge.Merge(root, run.Expand(part.Root), "", run.Faults);
        return Finish(run, root) with { Content = content };
    }

    private string FolderOf(IReadOnlyList<string> paths) =>
        paths.Count == 0 ? currentDirectory : Path.GetDirectoryName(Path.GetFullPath(paths[0], currentDirectory)) ?? currentDirectory;

    private static MapNode Empty(string name, string folder) => new(new SourceMark(new SourceFile(name, folder), 1, 1), []);

    private static ConfigurationResult Finish(Run run, MapNode root)
    {
        var reading = ConfigurationReader.Read(run.Discover(root), run.Inputs);
        return new ConfigurationResult
        {
            Configuration = reading.Configuration,
            Faults = Sorted(run.Faults.Concat(reading.Faults), run.Order),
            Warnings = Sorted(run.Warnings.Concat(reading.Warnings), run.Order),
            Content = RevisionContent.None,
            Files = [.. run.Inputs.Files],
        };
    }

    private static ConfigurationFault[] Sorted(IEnumerable<ConfigurationFault> faults, List<string> order) =>
        [.. faults.Distinct().OrderBy(fault => order.IndexOf(fault.File)).ThenBy(static fault => fault.Line).ThenBy(static fault => fault.Column)];

    /// <summary>One load.</summary>
    private sealed class Run(RecordingInputs inputs, string currentDirectory)
    {
        public RecordingInputs Inputs { get; } = inputs;

        public List<ConfigurationFault> Faults { get; } = [];

        public List<ConfigurationFault> Warnings { get; } = [];

        /// <summary>Files as named in faults, in the order they were read.</summary>
        public List<string> Order { get; } = [];

        /// <summary>The map with its references replaced.</summary>
        public MapNode Expand(MapNode map) => (MapNode)new ValueExpander(Inputs, Faults).Expand(map, "");

        /// <summary>The content of one file in our shape.</summary>
        public ReadFile? Read(string path, bool isDiscovered)
        {
            var full = Path.GetFullPath(path, currentDirectory);
            var file = new SourceFile(path, Path.GetDirectoryName(full));
            Order.Add(path);
            if (!Inputs.TryReadText(full, out var text, out var reason))
            {
                // Somebody else's file may be missing; one of ours may not.
                (isDiscovered ? Warnings : Faults).Add(new ConfigurationFault(path, 1, 1, "", $"the file {reason}"));
                return null;
            }

            var isJson = Path.GetExtension(full) is ".json" or ".jsonc" or ".json5";
            var root = isJson ? JsonSource.Read(file, Encoding.UTF8.GetBytes(text), Faults) : YamlSource.Read(file, text, Faults);
            if (root is null or { IsNull: true })
                return null;
            if (root is not MapNode map)
            {
                Faults.Add(ConfigurationFault.At(root.Mark, "", $"found {root.Described}, expected a map"));
                return null;
            }

            var isImport = (isJson || isDiscovered) && McpJsonImport.Recognises(map);
            if (isDiscovered && !isImport)
            {
                Faults.Add(ConfigurationFault.At(map.Mark, "", "found neither mcpServers nor servers, expected a file of an MCP client"));
                return null;
            }

            return isImport ? Import(map) : new ReadFile(Expand(map), map);
        }

        /// <summary>Adds the servers of <c>discovery.files</c>; a server of the same id in our own files wins.</summary>
        public MapNode Discover(MapNode root)
        {
            foreach (var path in ConfigurationReader.DiscoveryFiles(root, Inputs))
            {
                if (Read(path, isDiscovered: true)?.Expanded.Find("servers") is not { Value: MapNode found } entry)
                    continue;
                var present = root.Find("servers")?.Value as MapNode;
                foreach (var server in found.Entries.Where(server => present?.Find(server.Key) is not null))
                    Warnings.Add(ConfigurationFault.At(server.Mark, SettingPath.Child("servers", server.Key), $"left out: the id is taken at {present!.Find(server.Key)!.Mark}"));
                var fresh = found.With([.. found.Entries.Where(server => present?.Find(server.Key) is null)]);
                root = ConfigurationMerge.Merge(root, root.With([entry with { Value = fresh }]), "", Faults);
            }

            return root;
        }

        private ReadFile Import(MapNode map)
        {
            var variables = new ImportVariables(map, Inputs, Faults);
            var expander = new ValueExpander(Inputs, Faults) { Imported = variables.Resolve, UnescapesDollar = false };
            var converted = new McpJsonImport(Faults, Warnings).Convert(map);
            return new ReadFile((MapNode)expander.Expand(converted, ""), (MapNode)variables.ToOurs(converted));
        }
    }

    /// <summary>One file in our shape.</summary>
    /// <param name="Expanded">References replaced.</param>
    /// <param name="Raw">References as they are written, in our notation.</param>
    private sealed record ReadFile(MapNode Expanded, MapNode Raw);
}
