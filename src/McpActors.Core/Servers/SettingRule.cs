namespace McpActors.Core.Servers;

/// <summary>One rule that a set of options must keep; a configuration check reports every broken rule with its key and expectation.</summary>
/// <param name="Key">The setting in the configuration file's spelling, for example <c>failureRate</c>.</param>
/// <param name="Expected">What the value must be, in words.</param>
/// <param name="Holds">Whether the options keep the rule.</param>
public sealed record SettingRule<TOptions>(string Key, string Expected, Func<TOptions, bool> Holds);

/// <summary>Checks options against their rules.</summary>
public static class SettingRules
{
    /// <summary>The rules that <paramref name="options"/> break.</summary>
    public static IEnumerable<SettingRule<TOptions>> Broken<TOptions>(this IEnumerable<SettingRule<TOptions>> rules, TOptions options) =>
        rules.Where(rule => !rule.Holds(options));

    /// <summary>Throws on the first broken rule: a machine is never built from options that were not checked.</summary>
    public static void ThrowIfBroken<TOptions>(this IEnumerable<SettingRule<TOptions>> rules, TOptions options)
    {
        if (rules.Broken(options).FirstOrDefault() is { } rule)
        {
            throw new ArgumentException($"{rule.Key}: expected {rule.Expected}", nameof(options));
        }
    }
}
