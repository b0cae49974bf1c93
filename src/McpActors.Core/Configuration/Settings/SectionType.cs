using System.Text.Json;
using McpActors.Core.Configuration.Source;
using McpActors.Core.Routing;
using McpActors.Core.Servers;

namespace McpActors.Core.Configuration.Settings;

/// <summary>A map of known keys that makes a <typeparamref name="T"/>. Keys are read in their order here, not in that of the file.</summary>
/// <param name="defaults">The value when nothing is written.</param>
internal sealed class SectionType<T>(T defaults) : SettingType<T>, ISettingSection
{
    private const int FewKeys = 10;

    private readonly List<SettingKey<T>> _keys = [];
    private IReadOnlyList<SettingRule<T>> _rules = [];

    /// <inheritdoc/>
    public override string Expected => "a map";

    /// <inheritdoc/>
    public IReadOnlyList<SettingKey> Keys => _keys;

    /// <summary>The value when nothing is written.</summary>
    public T Defaults => defaults;

    /// <summary>Adds a key.</summary>
    public SectionType<T> Key<TPart>(string name, SettingType<TPart> type, Func<T, TPart> get, Func<T, TPart, T> set, string doc)
    {
        _keys.Add(new PartKey<T, TPart>(this, name, doc, type) { Get = get, Set = set });
        return this;
    }

    /// <summary>Adds a key that holds a map of further keys of the same value.</summary>
    public SectionType<T> Group(string name, SectionType<T> keys, string doc) => Key(name, keys, static value => value, static (_, value) => value, doc);

    /// <summary>Adds a key with a way of its own.</summary>
    public SectionType<T> Key(SettingKey<T> key)
    {
        _keys.Add(key);
        return this;
    }

    /// <summary>Adds a key that this version does not act upon.</summary>
    public SectionType<T> Later(string name, string defaultJson, string doc) => Key(new LaterKey<T>(name, doc, defaultJson));

    /// <summary>Says what the values must keep.</summary>
    public SectionType<T> Checked(IReadOnlyList<SettingRule<T>> rules)
    {
        _rules = rules;
        return this;
    }

    /// <summary>The rule of a key, if there is one.</summary>
    public SettingRule<T>? RuleOf(string key) => _rules.FirstOrDefault(rule => rule.Key == key);

    internal override T Read(ConfigurationNode node, string path, ReadContext context, T current)
    {
        if (node.IsNull)
            return current;
        if (node is not MapNode map)
        {
            context.Unexpected(node, path, Expected);
            return current;
        }

        foreach (var entry in map.Entries)
        {
            if (!_keys.Exists(key => key.Name == entry.Key))
                context.Fault(entry.Mark, SettingPath.Child(path, entry.Key), Unknown(entry.Key));
        }

        foreach (var key in _keys)
        {
            if (map.Find(key.Name) is { } entry)
                current = key.Read(entry.Value, SettingPath.Child(path, key.Name), context, current);
        }

        CheckRules(map, path, context, current);
        return current;
    }

    internal override void Write(Utf8JsonWriter writer, T value, WriteContext context)
    {
        writer.WriteStartObject();
        foreach (var key in _keys)
        {
            writer.WritePropertyName(key.Name);
            key.Write(writer, value, context.Child(key.Name));
        }

        writer.WriteEndObject();
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("type");
        writer.WriteStringValue("object");
        writer.WriteStringValue("null");
        writer.WriteEndArray();
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteStartObject("properties");
        foreach (var key in _keys)
        {
            writer.WriteStartObject(key.Name);
            writer.WriteString("description", Describe(key));
            key.Type.WriteSchema(writer);
            if (key.Type is not (ISettingSection or LaterType))
            {
                writer.WritePropertyName("default");
                key.WriteDefault(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static string Describe(SettingKey key)
    {
        if (key.IsLater)
            return $"{key.Doc} Not supported by this version yet.";
        return key.Type is ISettingSection ? key.Doc : $"{key.Doc} Takes {key.Expected}.";
    }

    private void CheckRules(MapNode map, string path, ReadContext context, T value)
    {
        foreach (var rule in _rules.Broken(value))
        {
            var child = SettingPath.Child(path, rule.Key);
            if (context.Faults.Any(fault => fault.Path.StartsWith(child, StringComparison.Ordinal)))
                continue; // what was written is wrong already, and may be a secret
            if (map.Find(rule.Key) is { } written)
                context.Unexpected(written.Value, child, rule.Expected);
            else
                context.Fault(map.Mark, child, $"left out{(TextOf(rule.Key, value) is not ("" or "null" or "[]") and var text ? $", it is {text}" : "")}; expected {rule.Expected}");
        }
    }

    private string TextOf(string key, T value)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            _keys.First(each => each.Name == key).Write(writer, value, WriteContext.Plain);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan).Trim('"');
    }

    private string Unknown(string key)
    {
        if (NearestName.Find(key, _keys.Select(static each => each.Name)) is { } nearest)
            return $"unknown key '{key}'; did you mean '{nearest}'?";
        return _keys.Count <= FewKeys
            ? $"unknown key '{key}', expected {SettingTypes.Join([.. _keys.Select(static each => each.Name)])}"
            : $"unknown key '{key}'";
    }
}
