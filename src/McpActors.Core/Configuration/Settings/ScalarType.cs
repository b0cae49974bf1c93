using System.Text.Json;
using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration.Settings;

/// <summary>How a single value stands in JSON.</summary>
internal enum JsonForm
{
    /// <summary>As a string.</summary>
    Text,

    /// <summary>As a number.</summary>
    Number,

    /// <summary>As true or false.</summary>
    Boolean,
}

/// <summary>Reads a value from its text.</summary>
internal delegate bool TryParse<T>(string text, SourceMark mark, out T value);

/// <summary>A single value.</summary>
internal sealed class ScalarType<T> : SettingType<T>
{
    /// <inheritdoc/>
    public override string Expected => Takes;

    /// <summary>What is taken, in words.</summary>
    public required string Takes { get; init; }

    /// <summary>Text to value.</summary>
    public required TryParse<T> Parse { get; init; }

    /// <summary>Value to text.</summary>
    public required Func<T, string> Format { get; init; }

    /// <summary>How it stands in JSON.</summary>
    public JsonForm Form { get; init; }

    /// <summary>What the schema says; a reference such as <c>${PORT}</c> is added to it where the form is no text.</summary>
    public Action<Utf8JsonWriter>? Schema { get; init; }

    /// <summary>Hides secrets in the text that is shown.</summary>
    public Func<string, string>? Masked { get; init; }

    /// <summary>Whether no fault shows the value: it may be a secret that is only mistyped.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Words of the contract that this version does not act upon.</summary>
    public IReadOnlyList<string> LaterWords { get; init; } = [];

    internal override T Read(ConfigurationNode node, string path, ReadContext context, T current)
    {
        if (node is ScalarNode word && LaterWords.Contains(word.Text))
        {
            context.Fault(node.Mark, path, $"{node.Described} is not supported by this version yet; expected {Expected}");
            return current;
        }

        if (node is not ScalarNode { IsNull: false } scalar || !Parse(scalar.Text, scalar.Mark, out var value))
        {
            context.Unexpected(IsSecret && node is ScalarNode { IsNull: false } hidden ? hidden.AsSensitive() : node, path, Expected);
            return current;
        }

        if (scalar.IsSensitive)
            context.SensitivePaths.Add(path);
        return value;
    }

    internal override void Write(Utf8JsonWriter writer, T value, WriteContext context)
    {
        var text = Format(value);
        if (Form != JsonForm.Text)
            writer.WriteRawValue(text);
        else if (context.IsSensitive)
            writer.WriteStringValue(SecretNames.Mask);
        else
            writer.WriteStringValue(context.Mask && Masked is not null ? Masked(text) : text);
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        if (Form == JsonForm.Text)
        {
            writer.WriteString("type", "string");
            Schema?.Invoke(writer);
            return;
        }

        writer.WriteStartArray("anyOf");
        writer.WriteStartObject();
        writer.WriteString("type", Form == JsonForm.Number ? "integer" : "boolean");
        Schema?.Invoke(writer);
        writer.WriteEndObject();
        writer.WriteStartObject();
        writer.WriteString("type", "string");
        writer.WriteString("pattern", SettingTypes.ReferencePattern);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}

/// <summary>A value type that may be absent.</summary>
internal sealed class OptionalType<T>(SettingType<T> inner) : SettingType<T?>
    where T : struct
{
    public override string Expected => inner.Expected + ", or null";

    internal override T? Read(ConfigurationNode node, string path, ReadContext context, T? current)
    {
        // Empty text is nothing too: that is what ${NAME:-} gives when NAME is not set.
        if (node is { IsNull: true } or ScalarNode { Text.Length: 0 })
            return null;
        var before = context.Faults.Count;
        var value = inner.Read(node, path, context, current.GetValueOrDefault());
        return context.Faults.Count == before ? value : current;
    }

    internal override void Write(Utf8JsonWriter writer, T? value, WriteContext context)
    {
        if (value is { } present)
            inner.Write(writer, present, context);
        else
            writer.WriteNullValue();
    }

    public override void WriteSchema(Utf8JsonWriter writer) => SettingTypes.WriteNullable(writer, inner);
}

/// <summary>A reference type that may be absent.</summary>
internal sealed class OptionalReferenceType<T>(SettingType<T> inner) : SettingType<T?>
    where T : class
{
    public override string Expected => inner.Expected + ", or null";

    internal override T? Read(ConfigurationNode node, string path, ReadContext context, T? current)
    {
        // Empty text is nothing too: that is what ${NAME:-} gives when NAME is not set.
        if (node is { IsNull: true } or ScalarNode { Text.Length: 0 })
            return null;
        var before = context.Faults.Count;
        var value = inner.Read(node, path, context, current!);
        return context.Faults.Count == before ? value : current;
    }

    internal override void Write(Utf8JsonWriter writer, T? value, WriteContext context)
    {
        if (value is not null)
            inner.Write(writer, value, context);
        else
            writer.WriteNullValue();
    }

    public override void WriteSchema(Utf8JsonWriter writer) => SettingTypes.WriteNullable(writer, inner);
}
