using System.Text.Json;
using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration.Settings;

/// <summary>
/// What a setting takes. One object reads it, writes it, and describes it to the JSON Schema and the reference, so that these never disagree.
/// </summary>
public abstract class SettingType
{
    /// <summary>What is taken, in words that follow "expected": "a duration from 1ms to 24h".</summary>
    public abstract string Expected { get; }

    /// <summary>Writes the members of the JSON Schema object of this type.</summary>
    public abstract void WriteSchema(Utf8JsonWriter writer);
}

/// <summary>What a setting of type <typeparamref name="T"/> takes.</summary>
public abstract class SettingType<T> : SettingType
{
    /// <summary>Reads the value over <paramref name="current"/>, the inherited one; on a fault the inherited one stays.</summary>
    internal abstract T Read(ConfigurationNode node, string path, ReadContext context, T current);

    /// <summary>Writes the value as JSON, in the form that <see cref="Read"/> takes.</summary>
    internal abstract void Write(Utf8JsonWriter writer, T value, WriteContext context);
}

/// <summary>How values are written.</summary>
/// <param name="Path">The path of what is written, for <see cref="IsSensitive"/>.</param>
/// <param name="Mask">Whether secrets are masked.</param>
/// <param name="SensitivePaths">Paths of values that came from the environment or from files.</param>
internal sealed record WriteContext(string Path, bool Mask, IReadOnlySet<string> SensitivePaths)
{
    /// <summary>Everything as it is.</summary>
    public static WriteContext Plain { get; } = new("", false, new HashSet<string>());

    /// <summary>A second path whose mark counts too: a server inherits from <c>defaults</c>.</summary>
    public string? Inherited { get; init; }

    /// <summary>Whether the value at the path must be masked.</summary>
    public bool IsSensitive => Mask && (SensitivePaths.Contains(Path) || (Inherited is { } inherited && SensitivePaths.Contains(inherited)));

    /// <summary>The context of a key.</summary>
    public WriteContext Child(string key) => !Mask ? this : this with
    {
        Path = SettingPath.Child(Path, key),
        Inherited = Inherited is { } inherited ? SettingPath.Child(inherited, key) : null,
    };

    /// <summary>The context of an item.</summary>
    public WriteContext Item(int index) => !Mask ? this : this with
    {
        Path = SettingPath.Item(Path, index),
        Inherited = Inherited is { } inherited ? SettingPath.Item(inherited, index) : null,
    };
}
