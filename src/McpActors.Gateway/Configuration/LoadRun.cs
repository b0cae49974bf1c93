using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;

namespace McpActors.Gateway.Configuration;

/// <summary>One file in our shape.</summary>
/// <param name="Expanded">References replaced.</param>
/// <param name="Raw">References as they are written, in our notation.</param>
internal sealed record ReadFile(MapNode Expanded, MapNode Raw);

/// <summary>What is wrong, and what is worth a word.</summary>
internal sealed class Findings
{
    /// <summary>What is wrong.</summary>
    public List<ConfigurationFault> Faults { get; } = [];

    /// <summary>What is worth a word.</summary>
    public List<ConfigurationFault> Warnings { get; } = [];
}

/// <summary>One load: reads files and remembers what it found.</summary>
internal sealed class LoadRun(RecordingInputs inputs, string currentDirectory)
{
    /// <summary>Where it reads from.</summary>
    public RecordingInputs Inputs { get; } = inputs;

    /// <summary>What it found.</summary>
    public Findings Found { get; } = new();

    /// <summary>Files as named in faults, in the order they were read.</summary>
    public List<string> Order { get; } = [];

    /// <summary>The map with its references replaced.</summary>
    public MapNode Expand(MapNode map) => Expand(map, Found);

    /// <summary>The content of one of our files in our shape; null, with a fault, when it has none, and without one when it is empty.</summary>
    public ReadFile? Read(string path)
    {
        if (TryOpen(path, out var text, out var fault))
            return Parse(path, text, isDiscovered: false, Found);
        Found.Faults.Add(fault);
        return null;
    }

    /// <summary>The text of a file, or why there is none.</summary>
    public bool TryOpen(string path, out string text, out ConfigurationFault fault)
    {
        Order.Add(path);
        var isRead = Inputs.TryReadText(Full(path), out var read, out var reason);
        (text, fault) = (read ?? "", new ConfigurationFault(path, 1, 1, "", $"the file {reason}"));
        return isRead;
    }

    /// <summary>The text of a file in our shape.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="isDiscovered">Whether it must be a file of an MCP client, so that an empty one is none.</param>
    /// <param name="found">Takes what is wrong with it.</param>
    public ReadFile? Parse(string path, string text, bool isDiscovered, Findings found)
    {
        var file = new SourceFile(path, Path.GetDirectoryName(Full(path)));
        var isJson = Path.GetExtension(path) is ".json" or ".jsonc" or ".json5";
        var root = isJson ? JsonSource.Read(file, Encoding.UTF8.GetBytes(text), found.Faults) : YamlSource.Read(file, text, found.Faults);
        if (root is null or { IsNull: true } && !isDiscovered)
            return null;
        if (root is not MapNode map)
        {
            // Without a root there is a fault already, but for an empty text that is read as YAML.
            if (root is not null || found.Faults.Count == 0)
                found.Faults.Add(ConfigurationFault.At(root?.Mark ?? new SourceMark(file, 1, 1), "", $"found {root?.Described ?? "nothing"}, expected a map"));
            return null;
        }

        var isImport = (isJson || isDiscovered) && McpJsonImport.Recognises(map);
        if (isDiscovered && !isImport)
        {
            found.Faults.Add(ConfigurationFault.At(map.Mark, "", "found neither mcpServers nor servers, expected a file of an MCP client"));
            return null;
        }

        return isImport ? Import(map, found) : new ReadFile(Expand(map, found), map);
    }

    private ReadFile Import(MapNode map, Findings found)
    {
        var variables = new ImportVariables(map, Inputs, found.Faults);
        var expander = new ValueExpander(Inputs, found.Faults) { Imported = variables.Resolve, UnescapesDollar = false };
        var converted = new McpJsonImport(found.Faults, found.Warnings).Convert(map);
        return new ReadFile((MapNode)expander.Expand(converted, ""), (MapNode)variables.ToOurs(converted));
    }

    private MapNode Expand(MapNode map, Findings found) => (MapNode)new ValueExpander(Inputs, found.Faults).Expand(map, "");

    private string Full(string path) => Path.GetFullPath(path, currentDirectory);
}
