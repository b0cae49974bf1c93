using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;

namespace McpActors.Gateway.Configuration;

/// <summary>Lays several files over each other: maps merge, and nothing is said twice.</summary>
internal static class ConfigurationMerge
{
    private const string Version = "version";

    /// <summary>Both maps in one.</summary>
    public static MapNode Merge(MapNode first, MapNode second, string path, ICollection<ConfigurationFault> faults)
    {
        var entries = new List<MapEntry>(first.Entries.Count + second.Entries.Count);
        entries.AddRange(first.Entries.Select(entry => second.Find(entry.Key) is { } other ? Merge(entry, other, SettingPath.Child(path, entry.Key), faults) : entry));
        entries.AddRange(second.Entries.Where(entry => first.Find(entry.Key) is null));
        return first.With(entries);
    }

    private static MapEntry Merge(MapEntry first, MapEntry second, string path, ICollection<ConfigurationFault> faults)
    {
        if (first.Value is MapNode one && second.Value is MapNode other)
            return first with { Value = Merge(one, other, path, faults) };
        if (second.Value.IsNull)
            return first;
        if (first.Value.IsNull)
            return second;
        // Every file says its version; it is the same or already a fault of its own.
        if (path != Version)
            faults.Add(ConfigurationFault.At(second.Value.Mark, path, $"already set at {first.Value.Mark}"));
        return first;
    }
}
