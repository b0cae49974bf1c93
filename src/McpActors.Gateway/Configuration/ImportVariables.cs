using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;

namespace McpActors.Gateway.Configuration;

/// <summary>
/// The variables of editors in imported files. An editor asks its user for <c>${input:x}</c>; a gateway has nobody to ask,
/// so it takes an environment variable named after the input, or the input's own default.
/// </summary>
internal sealed class ImportVariables(MapNode root, IConfigurationInputs inputs, ICollection<ConfigurationFault> faults)
{
    private const string InputPrefix = "input:";

    /// <summary>The environment variable that stands for an input.</summary>
    public static string VariableOf(string input) =>
        "MCPACTORS_INPUT_" + string.Concat(input.Select(static c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));

    /// <summary>What <paramref name="reference"/> stands for; null when it is none of an editor's.</summary>
    public ValueExpander.Replacement? Resolve(string reference, ScalarNode scalar, string path)
    {
        if (reference.StartsWith(InputPrefix, StringComparison.Ordinal))
            return Input(reference[InputPrefix.Length..], scalar, path);
        var folder = scalar.Mark.File.Directory;
        return reference switch
        {
            "userHome" => new(inputs.Variable("HOME") ?? inputs.Variable("USERPROFILE") ?? "", false),
            "workspaceFolder" when folder is not null => new(Path.GetFileName(folder) == ".vscode" ? Path.GetDirectoryName(folder)! : folder, false),
            "pathSeparator" or "/" => new(Path.DirectorySeparatorChar.ToString(), false),
            _ => null,
        };
    }

    private ValueExpander.Replacement Input(string id, ScalarNode scalar, string path)
    {
        var variable = VariableOf(id);
        if (inputs.Variable(variable) is { } value)
            return new(value, true);
        var input = (root.Find("inputs")?.Value as ListNode)?.Items.OfType<MapNode>().FirstOrDefault(each => Text(each, "id") == id);
        if (input is not null && Text(input, "default") is { Length: > 0 } standard)
            return new(standard, false);
        var description = input is not null && Text(input, "description") is { Length: > 0 } said ? $" ({said})" : "";
        faults.Add(ConfigurationFault.At(scalar.Mark, path, $"the input '{id}'{description} is asked for; set the environment variable {variable}"));
        return new("", false);
    }

    private static string? Text(MapNode map, string key) => (map.Find(key)?.Value as ScalarNode)?.Text;
}
