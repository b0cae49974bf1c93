using McpActors.Core.Configuration.Settings;
using McpActors.Core.Servers;

namespace McpActors.Core.Configuration;

/// <summary>What a new configuration changes. All lists are sorted.</summary>
/// <param name="Added">Servers that are new.</param>
/// <param name="Removed">Servers that are gone.</param>
/// <param name="Changed">Servers with another revision.</param>
/// <param name="NeedRestart">Settings of the node that take effect at its next start.</param>
public sealed record ConfigurationDiff(
    IReadOnlyList<ServerId> Added, IReadOnlyList<ServerId> Removed, IReadOnlyList<ServerId> Changed, IReadOnlyList<string> NeedRestart)
{
    private static readonly string[] SharedSections = ["discovery", "health", "defaults"];

    /// <summary>
    /// The sections beside the servers that take effect at once and say something else: other sources are asked, alerts go elsewhere, run-time entries inherit other settings. Also
    /// where only what a reference stands for is another one, as when a secret was changed.
    /// </summary>
    public IReadOnlyList<string> Sections { get; init; } = [];

    /// <summary>Whether the two are the same in effect.</summary>
    public bool IsEmpty => Added.Count + Removed.Count + Changed.Count + NeedRestart.Count + Sections.Count == 0;

    /// <summary>Compares two configurations.</summary>
    public static ConfigurationDiff Between(GatewayConfiguration before, GatewayConfiguration after) => new(
        Sorted(after.Servers.Keys.Where(id => !before.Servers.ContainsKey(id))),
        Sorted(before.Servers.Keys.Where(id => !after.Servers.ContainsKey(id))),
        Sorted(after.Servers.Where(pair => before.Servers.TryGetValue(pair.Key, out var old) && old.Revision != pair.Value.Revision).Select(static pair => pair.Key)),
        RestartBetween(before, after))
    {
        Sections = [.. SharedSections.Where(section => ChangedLeaves(section, before, after).Any() || ChangedLeaves(section, after, before).Any())],
    };

    /// <summary>The settings that differ and take effect at the next start only.</summary>
    public static IReadOnlyList<string> RestartBetween(GatewayConfiguration before, GatewayConfiguration after) =>
        [.. RootKeys.RestartSections.SelectMany(section => ChangedLeaves(section, before, after))];

    private static IEnumerable<string> ChangedLeaves(string section, GatewayConfiguration before, GatewayConfiguration after)
    {
        var old = ConfigurationJson.Leaves(section, before).ToDictionary(static leaf => leaf.Path, static leaf => leaf.Json, StringComparer.Ordinal);
        return ConfigurationJson.Leaves(section, after).Where(leaf => old.GetValueOrDefault(leaf.Path) != leaf.Json).Select(static leaf => leaf.Path);
    }

    private static ServerId[] Sorted(IEnumerable<ServerId> ids) => [.. ids.OrderBy(static id => id.Value, StringComparer.Ordinal)];
}
