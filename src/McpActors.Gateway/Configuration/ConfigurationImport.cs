using System.Text;
using System.Text.Json;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;

namespace McpActors.Gateway.Configuration;

/// <summary>What an import came to.</summary>
/// <param name="Yaml">The servers as YAML of ours; null when the file cannot be read.</param>
/// <param name="Faults">What is wrong.</param>
/// <param name="Warnings">What was left out.</param>
internal sealed record ImportResult(string? Yaml, IReadOnlyList<ConfigurationFault> Faults, IReadOnlyList<ConfigurationFault> Warnings);

/// <summary>Turns a file of an MCP client into YAML of ours. References stay references: no secret is written out.</summary>
internal static class ConfigurationImport
{
    /// <summary>Imports the file at <paramref name="path"/>.</summary>
    public static ImportResult Import(string path, IConfigurationInputs inputs)
    {
        var (faults, warnings) = (new List<ConfigurationFault>(), new List<ConfigurationFault>());
        if (!inputs.TryReadText(Path.GetFullPath(path), out var text, out var reason))
            return new ImportResult(null, [new ConfigurationFault(path, 1, 1, "", $"the file {reason}")], []);
        var root = JsonSource.Read(new SourceFile(path, Path.GetDirectoryName(Path.GetFullPath(path))), Encoding.UTF8.GetBytes(text), faults);
        if (root is not null && !McpJsonImport.Recognises(root))
            faults.Add(ConfigurationFault.At(root.Mark, "", "found neither mcpServers nor servers, expected a file of an MCP client"));
        if (faults.Count > 0)
            return new ImportResult(null, faults, warnings);
        var variables = new ImportVariables((MapNode)root!, inputs, faults);
        var converted = (MapNode)variables.ToOurs(new McpJsonImport(faults, warnings).Convert((MapNode)root!));
        return new ImportResult(faults.Count == 0 ? Yaml(converted) : null, faults, warnings);
    }

    private static string Yaml(MapNode converted)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            Write(writer, converted);
        using var document = JsonDocument.Parse(stream.ToArray());
        var text = new StringBuilder();
        text.Append("version: ").Append(GatewayConfiguration.FormatVersion).Append('\n');
        YamlText.Block(text, document.RootElement, 0);
        return text.ToString();
    }

    private static void Write(Utf8JsonWriter writer, ConfigurationNode node)
    {
        switch (node)
        {
            case MapNode map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value);
                }

                writer.WriteEndObject();
                break;
            case ListNode list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case ScalarNode { IsNull: false } scalar:
                writer.WriteStringValue(scalar.Text);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
