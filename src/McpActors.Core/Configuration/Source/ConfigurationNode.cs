using McpActors.Core.Configuration.Settings;

namespace McpActors.Core.Configuration.Source;

/// <summary>What stands in a configuration file, before any setting gives it a meaning; every part knows its place.</summary>
public abstract class ConfigurationNode(SourceMark mark)
{
    /// <summary>Where it starts.</summary>
    public SourceMark Mark { get; } = mark;

    /// <summary>Whether nothing is written: an empty value, <c>null</c> or <c>~</c>.</summary>
    public virtual bool IsNull => false;

    /// <summary>What it is, in words for faults.</summary>
    public abstract string Described { get; }
}

/// <summary>One value. What type it has is decided by the setting it is for.</summary>
/// <param name="mark">Where it starts.</param>
/// <param name="text">The value; escapes and quotes are gone.</param>
/// <param name="isNull">Whether nothing is written.</param>
/// <param name="isSensitive">Whether it came from the environment or a file and is masked when shown.</param>
public sealed class ScalarNode(SourceMark mark, string text, bool isNull = false, bool isSensitive = false) : ConfigurationNode(mark)
{
    private const int LongestShown = 60;

    /// <summary>The value.</summary>
    public string Text { get; } = text;

    /// <summary>Whether it is masked when shown.</summary>
    public bool IsSensitive { get; } = isSensitive;

    /// <inheritdoc/>
    public override bool IsNull { get; } = isNull;

    /// <inheritdoc/>
    public override string Described =>
        IsNull ? "nothing" : IsSensitive ? "a value that is not shown" : $"'{Shortened(SecretNames.MaskUrl(Text))}'";

    /// <summary>The same value, masked when shown.</summary>
    public ScalarNode AsSensitive() => new(Mark, Text, IsNull, isSensitive: true);

    private static string Shortened(string text) => text.Length > LongestShown ? text[..LongestShown] + "…" : text;
}

/// <summary>One key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Mark">Where the key is.</param>
/// <param name="Value">Its value.</param>
public sealed record MapEntry(string Key, SourceMark Mark, ConfigurationNode Value);

/// <summary>Keys with values, in the order written; no key is there twice.</summary>
public sealed class MapNode(SourceMark mark, IReadOnlyList<MapEntry> entries) : ConfigurationNode(mark)
{
    private const int FewEntries = 16;

    private Dictionary<string, MapEntry>? _index;

    /// <summary>The entries.</summary>
    public IReadOnlyList<MapEntry> Entries { get; } = entries;

    /// <inheritdoc/>
    public override string Described => "a map";

    /// <summary>The entry of <paramref name="key"/>, if there is one.</summary>
    public MapEntry? Find(string key)
    {
        if (Entries.Count > FewEntries)
            return (_index ??= Entries.ToDictionary(static e => e.Key, StringComparer.Ordinal)).GetValueOrDefault(key);
        foreach (var entry in Entries)
        {
            if (entry.Key == key)
                return entry;
        }

        return null;
    }

    /// <summary>The same map with other entries.</summary>
    public MapNode With(IReadOnlyList<MapEntry> entries) => new(Mark, entries);
}

/// <summary>Values in order.</summary>
public sealed class ListNode(SourceMark mark, IReadOnlyList<ConfigurationNode> items) : ConfigurationNode(mark)
{
    /// <summary>The values.</summary>
    public IReadOnlyList<ConfigurationNode> Items { get; } = items;

    /// <inheritdoc/>
    public override string Described => "a list";
}
