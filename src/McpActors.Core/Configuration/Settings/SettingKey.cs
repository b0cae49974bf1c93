using System.Text.Json;
using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration.Settings;

/// <summary>A map of known keys, described.</summary>
public interface ISettingSection
{
    /// <summary>The keys, in the order of the reference.</summary>
    IReadOnlyList<SettingKey> Keys { get; }
}

/// <summary>A map of names of the writer's choice, described.</summary>
public interface ISettingMap
{
    /// <summary>What one name may hold.</summary>
    SettingType ItemType { get; }
}

/// <summary>Values in order, described.</summary>
public interface ISettingList
{
    /// <summary>What one of them may be.</summary>
    SettingType ItemType { get; }
}

/// <summary>One key of a section, described.</summary>
/// <param name="name">The key.</param>
/// <param name="doc">What it is for, in a sentence.</param>
public abstract class SettingKey(string name, string doc)
{
    /// <summary>The key.</summary>
    public string Name { get; } = name;

    /// <summary>What it is for.</summary>
    public string Doc { get; } = doc;

    /// <summary>What it takes.</summary>
    public abstract SettingType Type { get; }

    /// <summary>What it takes, in words, with the range that the rules of its section set.</summary>
    public virtual string Expected => Type.Expected;

    /// <summary>Whether another value than the default is not supported by this version.</summary>
    public bool IsLater => Type is LaterType;

    /// <summary>Writes the default as JSON.</summary>
    public abstract void WriteDefault(Utf8JsonWriter writer);
}

/// <summary>One key of a section over <typeparamref name="T"/>.</summary>
internal abstract class SettingKey<T>(string name, string doc) : SettingKey(name, doc)
{
    /// <summary>Reads the key's value into <paramref name="current"/>.</summary>
    public abstract T Read(ConfigurationNode node, string path, ReadContext context, T current);

    /// <summary>Writes the key's value.</summary>
    public abstract void Write(Utf8JsonWriter writer, T value, WriteContext context);
}

/// <summary>A key that sets one part of a <typeparamref name="T"/>.</summary>
internal sealed class PartKey<T, TPart>(SectionType<T> section, string name, string doc, SettingType<TPart> type) : SettingKey<T>(name, doc)
{
    /// <inheritdoc/>
    public override SettingType Type => type;

    /// <summary>The part.</summary>
    public required Func<T, TPart> Get { get; init; }

    /// <summary>The whole with another part.</summary>
    public required Func<T, TPart, T> Set { get; init; }

    /// <inheritdoc/>
    public override string Expected => section.RuleOf(Name)?.Expected ?? type.Expected;

    /// <inheritdoc/>
    public override T Read(ConfigurationNode node, string path, ReadContext context, T current) =>
        Set(current, type.Read(node, path, context, Get(current)));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, WriteContext context) => type.Write(writer, Get(value), context);

    /// <inheritdoc/>
    public override void WriteDefault(Utf8JsonWriter writer) => type.Write(writer, Get(section.Defaults), WriteContext.Plain);
}

/// <summary>A key of the contract that this version does not act upon: it takes its default, and anything else is a fault that says so.</summary>
internal sealed class LaterKey<T>(string name, string doc, string defaultJson) : SettingKey<T>(name, doc)
{
    private readonly LaterType _type = new(defaultJson);

    /// <inheritdoc/>
    public override SettingType Type => _type;

    /// <inheritdoc/>
    public override T Read(ConfigurationNode node, string path, ReadContext context, T current)
    {
        if (!_type.IsDefault(node))
            context.Fault(node.Mark, path, $"'{Name}' is not supported by this version yet; expected {Expected}");
        return current;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, WriteContext context) => writer.WriteRawValue(defaultJson);

    /// <inheritdoc/>
    public override void WriteDefault(Utf8JsonWriter writer) => writer.WriteRawValue(defaultJson);
}

/// <summary>Takes nothing but its default.</summary>
internal sealed class LaterType(string defaultJson) : SettingType
{
    private readonly ConfigurationNode _default = JsonSource.Read(SourceFile.Api, System.Text.Encoding.UTF8.GetBytes(defaultJson), [])!;

    /// <inheritdoc/>
    public override string Expected => _default is ScalarNode { IsNull: false } scalar ? $"its default '{scalar.Text}', or no such key" : "no such key";

    /// <summary>Whether <paramref name="node"/> says no more than the default.</summary>
    public bool IsDefault(ConfigurationNode node) => IsWithin(node, _default);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("default");
        writer.WriteRawValue(defaultJson);
    }

    private static bool IsWithin(ConfigurationNode node, ConfigurationNode allowed) => node switch
    {
        { IsNull: true } => true,
        ScalarNode scalar => allowed is ScalarNode { IsNull: false } other && other.Text == scalar.Text,
        ListNode list => list.Items.Count == 0,
        MapNode map => map.Entries.All(entry => allowed is MapNode other && other.Find(entry.Key) is { } same && IsWithin(entry.Value, same.Value)),
        _ => false,
    };
}
