using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration.Settings;

/// <summary>Collects what reading finds; nothing stops at the first fault.</summary>
internal sealed class ReadContext(IConfigurationInputs inputs)
{
    /// <summary>What may be read beside the text.</summary>
    public IConfigurationInputs Inputs { get; } = inputs;

    /// <summary>What is wrong.</summary>
    public List<ConfigurationFault> Faults { get; } = [];

    /// <summary>What is worth a word.</summary>
    public List<ConfigurationFault> Warnings { get; } = [];

    /// <summary>Paths of values to mask.</summary>
    public HashSet<string> SensitivePaths { get; } = new(StringComparer.Ordinal);

    /// <summary>Reports a fault.</summary>
    public void Fault(SourceMark mark, string path, string message) => Faults.Add(ConfigurationFault.At(mark, path, message));

    /// <summary>Reports a value that is not what a setting takes.</summary>
    public void Unexpected(ConfigurationNode node, string path, string expected) => Fault(node.Mark, path, $"found {node.Described}, expected {expected}");
}
