using System.Text.Json;
using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration.Settings;

/// <summary>Values in order. A list that is written replaces the inherited one.</summary>
internal sealed class ListType<T>(SettingType<T> item, string takes) : SettingType<IReadOnlyList<T>>, ISettingList
{
    /// <inheritdoc/>
    public override string Expected => takes;

    /// <inheritdoc/>
    public SettingType ItemType => item;

    /// <summary>Whether the list may be empty.</summary>
    public bool MayBeEmpty { get; init; } = true;

    /// <summary>Whether one value alone is a list of one.</summary>
    public bool TakesOne { get; init; }

    /// <summary>What an item is when nothing is written of it; needed where items are maps.</summary>
    public T ItemDefault { get; init; } = default!;

    /// <summary>Hides secrets in what is shown.</summary>
    public Func<IEnumerable<T>, IEnumerable<T>>? Masked { get; init; }

    internal override IReadOnlyList<T> Read(ConfigurationNode node, string path, ReadContext context, IReadOnlyList<T> current)
    {
        if (node.IsNull && MayBeEmpty)
            return [];
        if (TakesOne && node is ScalarNode)
            node = new ListNode(node.Mark, [node]);
        if (node is not ListNode list || (list.Items.Count == 0 && !MayBeEmpty))
        {
            context.Unexpected(node, path, Expected);
            return current;
        }

        var values = new List<T>(list.Items.Count);
        for (var i = 0; i < list.Items.Count; i++)
        {
            var before = context.Faults.Count;
            var value = item.Read(list.Items[i], SettingPath.Item(path, i), context, ItemDefault);
            if (context.Faults.Count == before)
                values.Add(value);
        }

        return values.Count == 0 ? [] : values.ToArray();
    }

    internal override void Write(Utf8JsonWriter writer, IReadOnlyList<T> value, WriteContext context)
    {
        writer.WriteStartArray();
        var index = 0;
        foreach (var each in context.Mask && Masked is not null ? Masked(value) : value)
            item.Write(writer, each, context.Item(index++));
        writer.WriteEndArray();
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("type");
        writer.WriteStringValue("array");
        if (TakesOne)
            writer.WriteStringValue("string");
        if (MayBeEmpty)
            writer.WriteStringValue("null");
        writer.WriteEndArray();
        writer.WriteStartObject("items");
        item.WriteSchema(writer);
        writer.WriteEndObject();
        if (!MayBeEmpty)
            writer.WriteNumber("minItems", 1);
    }
}

/// <summary>Names of the writer's choice with a value each. What is written is added to what is inherited; null takes an inherited name away.</summary>
internal sealed class MapType<T>(SettingType<T> item, string takes, T itemDefault) : SettingType<IReadOnlyDictionary<string, T>>, ISettingMap
{
    /// <inheritdoc/>
    public override string Expected => takes;

    /// <inheritdoc/>
    public SettingType ItemType => item;

    /// <summary>What is wrong with a name, as "expected …"; null when nothing is.</summary>
    public Func<string, string?>? CheckName { get; init; }

    /// <summary>How names compare.</summary>
    public StringComparer Comparer { get; init; } = StringComparer.Ordinal;

    /// <summary>Names at most.</summary>
    public int Most { get; init; } = 1000;

    /// <summary>Whether the values of secret names are hidden in what is shown.</summary>
    public bool MasksByName { get; init; }

    /// <summary>Whether null takes an inherited name away; else it means "nothing said".</summary>
    public bool NullRemoves { get; init; } = true;

    internal override IReadOnlyDictionary<string, T> Read(ConfigurationNode node, string path, ReadContext context, IReadOnlyDictionary<string, T> current)
    {
        if (node.IsNull)
            return current;
        if (node is not MapNode map)
        {
            context.Unexpected(node, path, Expected);
            return current;
        }

        var values = new Dictionary<string, T>(current, Comparer);
        foreach (var entry in map.Entries)
        {
            var child = SettingPath.Child(path, entry.Key);
            if (CheckName?.Invoke(entry.Key) is { } expected)
                context.Fault(entry.Mark, child, $"found the name '{entry.Key}', expected {expected}");
            else if (NullRemoves && entry.Value.IsNull && values.Remove(entry.Key))
                continue;
            else
                values[entry.Key] = item.Read(Guarded(entry), child, context, values.TryGetValue(entry.Key, out var inherited) ? inherited : itemDefault);
        }

        if (values.Count > Most)
            context.Fault(map.Mark, path, $"found {values.Count} names, expected at most {Most}");
        return values;
    }

    /// <summary>The value, marked so that no fault shows it when its name says that it is a secret.</summary>
    private ConfigurationNode Guarded(MapEntry entry) =>
        MasksByName && entry.Value is ScalarNode { IsNull: false } scalar && SecretNames.LooksSecret(entry.Key) ? scalar.AsSensitive() : entry.Value;

    internal override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, T> value, WriteContext context)
    {
        writer.WriteStartObject();
        foreach (var (name, each) in value.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(name);
            if (context.Mask && MasksByName && SecretNames.LooksSecret(name))
                writer.WriteStringValue(SecretNames.Mask);
            else
                item.Write(writer, each, context.Child(name));
        }

        writer.WriteEndObject();
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("type");
        writer.WriteStringValue("object");
        writer.WriteStringValue("null");
        writer.WriteEndArray();
        writer.WriteStartObject("additionalProperties");
        if (NullRemoves)
            SettingTypes.WriteNullable(writer, item);
        else
            item.WriteSchema(writer);
        writer.WriteEndObject();
    }
}
