using System.Collections;

namespace McpActors.Transports.Stdio;

/// <summary>
/// The environment of a child: a few harmless variables of ours, then what the operator configured. Everything else stays out,
/// because the environment of the gateway holds its own secrets.
/// </summary>
internal static class ChildEnvironment
{
    /// <summary>The variables a child inherits.</summary>
    public static IReadOnlyList<string> Inherited { get; } = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER"];

    /// <summary>Builds it; later sources win.</summary>
    public static Dictionary<string, string> Build(IEnumerable<KeyValuePair<string, string>> configured)
        => Build(Environment.GetEnvironmentVariables(), configured);

    internal static Dictionary<string, string> Build(IDictionary own, IEnumerable<KeyValuePair<string, string>> configured)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Inherited)
        {
            if (own[name] is string value)
            {
                result[name] = value;
            }
        }

        foreach (var (name, value) in configured)
        {
            result[name] = value;
        }

        return result;
    }
}
