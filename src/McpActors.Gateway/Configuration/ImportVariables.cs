using System.Text;
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

    /// <summary>The same with every reference in our notation, unresolved, so that another node resolves it with its own environment.</summary>
    public ConfigurationNode ToOurs(ConfigurationNode node) => node switch
    {
        MapNode map => map.With([.. map.Entries.Select(entry => entry with { Value = ToOurs(entry.Value) })]),
        ListNode list => new ListNode(list.Mark, [.. list.Items.Select(ToOurs)]),
        ScalarNode { IsNull: false } scalar when scalar.Text.Contains('$', StringComparison.Ordinal) => new ScalarNode(scalar.Mark, ToOurs(scalar)),
        _ => node,
    };

    private string ToOurs(ScalarNode scalar)
    {
        var (text, ours) = (scalar.Text, new StringBuilder(scalar.Text.Length));
        for (var i = 0; i < text.Length; i++)
        {
            var next = i + 1 < text.Length ? text[i + 1] : ' ';
            var end = text[i] == '$' && next == '{' ? text.IndexOf('}', i) : -1;
            if (end > 0)
            {
                ours.Append(Reference(text[(i + 2)..end], scalar));
                i = end;
            }
            else
            {
                // A dollar next to another, or to a brace, would mean something in our notation.
                var isDoubled = text[i] == '$' && (next is '$' or '{' || (i > 0 && text[i - 1] == '$'));
                ours.Append(text[i]).Append(isDoubled ? "$" : "");
            }
        }

        return ours.ToString();
    }

    private string Reference(string reference, ScalarNode scalar) => reference switch
    {
        _ when reference.StartsWith(InputPrefix, StringComparison.Ordinal) => $"${{{VariableOf(reference[InputPrefix.Length..])}{DefaultOf(reference[InputPrefix.Length..])}}}",
        "userHome" => "${HOME}",
        "workspaceFolder" or "pathSeparator" or "/" => Resolve(reference, scalar, "")?.Text.Replace("$", "$$", StringComparison.Ordinal) ?? "",
        _ => $"${{{reference}}}",
    };

    private string DefaultOf(string id) => InputOf(id) is { } input && Text(input, "default") is { Length: > 0 } standard && !standard.Contains('}', StringComparison.Ordinal) ? ":-" + standard : "";

    private MapNode? InputOf(string id) => (root.Find("inputs")?.Value as ListNode)?.Items.OfType<MapNode>().FirstOrDefault(each => Text(each, "id") == id);

    private ValueExpander.Replacement Input(string id, ScalarNode scalar, string path)
    {
        var variable = VariableOf(id);
        if (inputs.Variable(variable) is { } value)
            return new(value, true);
        var input = InputOf(id);
        if (input is not null && Text(input, "default") is { Length: > 0 } standard)
            return new(standard, false);
        var description = input is not null && Text(input, "description") is { Length: > 0 } said ? $" ({said})" : "";
        faults.Add(ConfigurationFault.At(scalar.Mark, path, $"the input '{id}'{description} is asked for; set the environment variable {variable}"));
        return new("", false);
    }

    private static string? Text(MapNode map, string key) => (map.Find(key)?.Value as ScalarNode)?.Text;
}
