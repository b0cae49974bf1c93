using System.Globalization;

namespace McpActors.Core.Configuration.Settings;

/// <summary>A file of <c>NAME=value</c> lines: blank lines, <c>#</c> comments, <c>export</c> and one pair of quotes are understood; nothing is substituted.</summary>
internal static class EnvironmentFile
{
    /// <summary>Reads <paramref name="text"/> into <paramref name="values"/>; answers what is wrong, line by line.</summary>
    public static IReadOnlyList<string> Read(string text, IDictionary<string, string> values)
    {
        var faults = new List<string>();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line.StartsWith("export ", StringComparison.Ordinal))
                line = line[7..].TrimStart();
            var equals = line.IndexOf('=');
            // The value may be a secret, so a fault never shows the line.
            if (equals <= 0 || line[..equals].Contains(' ', StringComparison.Ordinal))
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {number} is no NAME=value"));
            else
                values[line[..equals].TrimEnd()] = Unquote(line[(equals + 1)..].TrimStart());
        }

        return faults;
    }

    private static string Unquote(string value) =>
        value.Length >= 2 && (value[0] is '"' or '\'') && value[^1] == value[0] ? value[1..^1] : value;
}
