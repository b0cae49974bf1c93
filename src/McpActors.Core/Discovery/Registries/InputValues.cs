using System.Text;
using McpActors.Core.Discovery.Sources;

namespace McpActors.Core.Discovery.Registries;

/// <summary>Finds the values that a <c>server.json</c> fixes or defaults, and names those it leaves open.</summary>
internal static class InputValues
{
    /// <summary>The value of an input; null when a person must supply it, or when nobody needs to.</summary>
    public static string? Of(InputJson input) => input.Value is { } fixedValue ? Substitute(fixedValue, input.Variables) : input.IsSecret ? null : input.Default;

    /// <summary>The text with its <c>{variables}</c> replaced; null when one of them has no value.</summary>
    public static string? Substitute(string text, IReadOnlyList<InputJson> variables)
    {
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf('{', at);
            var close = open < 0 ? -1 : text.IndexOf('}', open);
            if (close < 0)
                return result.Append(text, at, text.Length - at).ToString();
            var name = text[(open + 1)..close];
            if (variables.FirstOrDefault(variable => variable.Name == name) is not { } variable)
            {
                // Braces that name no variable are braces.
                result.Append(text, at, close + 1 - at);
            }
            else
            {
                // Variables of variables are not followed: nobody would read them before approving.
                var value = variable.Value ?? (variable.IsSecret ? null : variable.Default);
                if (value is null)
                    return null;
                result.Append(text, at, open - at).Append(value);
            }

            at = close + 1;
        }

        return result.ToString();
    }

    /// <summary>Splits inputs into values and needs. What is neither required nor given is left out.</summary>
    public static (SortedDictionary<string, string> Values, List<SettingNeed> Needs) Split(string kind, IReadOnlyList<InputJson> inputs)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var needs = new List<SettingNeed>();
        foreach (var input in inputs)
        {
            if (Of(input) is { } value)
                values[input.Name] = value;
            else if (input.IsRequired || input.Value is not null)
                needs.Add(new SettingNeed(kind, input.Name, input.Description));
        }

        return (values, needs);
    }
}
