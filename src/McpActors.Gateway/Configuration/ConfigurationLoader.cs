using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;

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

    /// <summary>Hash of what belongs to the cluster.</summary>
    public required string Hash { get; init; }

    /// <summary>Absolute paths of all files that were asked for, also of those that were not there.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Whether it may be used.</summary>
    public bool IsValid => Faults.Count == 0;
}

/// <summary>Reads configuration files: ours as YAML or JSON, and those that MCP clients keep.</summary>
/// <param name="inputs">Environment and files.</param>
/// <param name="currentDirectory">Where relative paths on the command line start.</param>
internal sealed class ConfigurationLoader(IConfigurationInputs inputs, string currentDirectory)
{
    /// <summary>The loader of this process.</summary>
    public static ConfigurationLoader ForMachine() => new(new MachineInputs(), Directory.GetCurrentDirectory());

    /// <summary>Loads files over each other; none gives the defaults.</summary>
    public ConfigurationResult Load(params IReadOnlyList<string> paths)
    {
        var run = new Run(new RecordingInputs(inputs), currentDirectory);
        var root = new MapNode(new SourceMark(new SourceFile("defaults", currentDirectory), 1, 1), []);
        for (var i = 0; i < paths.Count; i++)
        {
            if (run.Read(paths[i], isDiscovered: false) is not { } map)
                continue;
            // The first file decides where the default paths start.
            root = root.Entries.Count == 0 ? map : ConfigurationMerge.Merge(root, map, "", run.Faults);
        }

        root = run.Discover(root);
        var reading = ConfigurationReader.Read(root, run.Inputs);
        return new ConfigurationResult
        {
            Configuration = reading.Configuration,
            Faults = Sorted(run.Faults.Concat(reading.Faults), run.Order),
            Warnings = Sorted(run.Warnings.Concat(reading.Warnings), run.Order),
            Hash = ConfigurationJson.Hash(reading.Configuration),
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

        /// <summary>The content of one file in our shape, references replaced.</summary>
        public MapNode? Read(string path, bool isDiscovered)
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

            return isImport ? Import(map) : (MapNode)new ValueExpander(Inputs, Faults).Expand(map, "");
        }

        /// <summary>Adds the servers of <c>discovery.files</c>; a server of the same id in our own files wins.</summary>
        public MapNode Discover(MapNode root)
        {
            foreach (var path in ConfigurationReader.DiscoveryFiles(root, Inputs))
            {
                if (Read(path, isDiscovered: true)?.Find("servers") is not { Value: MapNode found } entry)
                    continue;
                var present = root.Find("servers")?.Value as MapNode;
                foreach (var server in found.Entries.Where(server => present?.Find(server.Key) is not null))
                    Warnings.Add(ConfigurationFault.At(server.Mark, SettingPath.Child("servers", server.Key), $"left out: the id is taken at {present!.Find(server.Key)!.Mark}"));
                var fresh = found.With([.. found.Entries.Where(server => present?.Find(server.Key) is null)]);
                root = ConfigurationMerge.Merge(root, root.With([entry with { Value = fresh }]), "", Faults);
            }

            return root;
        }

        private MapNode Import(MapNode map)
        {
            var variables = new ImportVariables(map, Inputs, Faults);
            var expander = new ValueExpander(Inputs, Faults) { Imported = variables.Resolve, UnescapesDollar = false };
            var converted = new McpJsonImport(Faults, Warnings).Convert(map);
            return (MapNode)expander.Expand(converted, "");
        }
    }
}
