using System.Text;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;

namespace McpActors.Gateway.Configuration;

/// <summary>
/// Replaces references in values, never in keys: <c>${NAME}</c>, <c>${NAME:-default}</c>, <c>${env:NAME}</c>, <c>${file:PATH}</c>; <c>$$</c> is a dollar.
/// A reference can only become text of its value, never structure, because it is replaced after parsing.
/// </summary>
internal sealed class ValueExpander(IConfigurationInputs inputs, ICollection<ConfigurationFault> faults)
{
    /// <summary>What further names mean in imported files; null where such a name means nothing.</summary>
    public Func<string, ScalarNode, string, Replacement?>? Imported { get; init; }

    /// <summary>Whether <c>$$</c> is one dollar: in our own files, not in imported ones.</summary>
    public bool UnescapesDollar { get; init; } = true;

    /// <summary>The node with every reference in it replaced.</summary>
    public ConfigurationNode Expand(ConfigurationNode node, string path) => node switch
    {
        MapNode map => map.With([.. map.Entries.Select(entry => entry with { Value = Expand(entry.Value, SettingPath.Child(path, entry.Key)) })]),
        ListNode list => new ListNode(list.Mark, [.. list.Items.Select((item, index) => Expand(item, SettingPath.Item(path, index)))]),
        ScalarNode { IsNull: false } scalar when scalar.Text.Contains('$', StringComparison.Ordinal) => Expand(scalar, path),
        _ => node,
    };

    private ScalarNode Expand(ScalarNode scalar, string path)
    {
        var text = scalar.Text;
        var result = new StringBuilder(text.Length);
        var sensitive = scalar.IsSensitive;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$' && UnescapesDollar)
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '{')
            {
                var end = text.IndexOf('}', i);
                if (end < 0)
                {
                    faults.Add(ConfigurationFault.At(scalar.Mark, path, "found '${' without '}'; a dollar is written $$"));
                    return scalar;
                }

                if (Resolve(text[(i + 2)..end], scalar, path) is { } replacement)
                {
                    result.Append(replacement.Text);
                    sensitive |= replacement.IsSensitive;
                }

                i = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return new ScalarNode(scalar.Mark, result.ToString(), isSensitive: sensitive);
    }

    private Replacement? Resolve(string reference, ScalarNode scalar, string path)
    {
        if (Imported?.Invoke(reference, scalar, path) is { } imported)
            return imported;
        if (reference.StartsWith("env:", StringComparison.Ordinal))
            return Variable(reference[4..], scalar, path);
        if (reference.StartsWith("file:", StringComparison.Ordinal))
            return File(reference[5..], scalar, path);
        if (reference.StartsWith("secret:", StringComparison.Ordinal))
            return Fault(scalar, path, $"${{{reference}}} is not supported by this version yet; expected ${{env:NAME}} or ${{file:PATH}}");
        var colon = reference.IndexOf(':');
        return colon > 0 && !reference[colon..].StartsWith(":-", StringComparison.Ordinal)
            ? Fault(scalar, path, $"found ${{{reference}}}, expected ${{NAME}}, ${{NAME:-default}}, ${{env:NAME}} or ${{file:PATH}}; a dollar is written $$")
            : Variable(reference, scalar, path);
    }

    private Replacement? Variable(string reference, ScalarNode scalar, string path)
    {
        var split = reference.IndexOf(":-", StringComparison.Ordinal);
        var name = split < 0 ? reference : reference[..split];
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            return Fault(scalar, path, $"found ${{{reference}}}, expected the name of an environment variable; a dollar is written $$");
        var value = inputs.Variable(name);
        if (split >= 0 && string.IsNullOrEmpty(value))
            return new Replacement(reference[(split + 2)..], false);
        return value is null
            ? Fault(scalar, path, $"the environment variable {name} is not set; set it, or give a default as ${{{name}:-…}}")
            : new Replacement(value, true);
    }

    private Replacement? File(string file, ScalarNode scalar, string path)
    {
        if (file.Length == 0 || file.Contains('\0', StringComparison.Ordinal))
            return Fault(scalar, path, "found ${file:}, expected a path");
        var full = file.StartsWith('~') ? file : Path.GetFullPath(file, scalar.Mark.File.Directory ?? Path.DirectorySeparatorChar.ToString());
        return inputs.TryReadText(full, out var text, out var reason)
            ? new Replacement(text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text, true)
            : Fault(scalar, path, $"the file {full} {reason}");
    }

    private Replacement? Fault(ScalarNode scalar, string path, string message)
    {
        faults.Add(ConfigurationFault.At(scalar.Mark, path, message));
        return null;
    }

    /// <summary>What a reference stands for.</summary>
    /// <param name="Text">The text.</param>
    /// <param name="IsSensitive">Whether it is masked when shown.</param>
    internal sealed record Replacement(string Text, bool IsSensitive);
}
