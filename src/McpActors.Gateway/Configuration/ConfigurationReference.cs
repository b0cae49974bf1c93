using System.Buffers;
using System.Text;
using System.Text.Json;
using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Settings;

namespace McpActors.Gateway.Configuration;

/// <summary>The reference file: every key with its default and what it takes. Loading it gives the defaults.</summary>
internal static class ConfigurationReference
{
    /// <summary>The shipped copy.</summary>
    public const string FileName = "reference.yaml";

    private const int Indent = 2;

    private const string Head = """
        # Every key with its default. Generated from the options: change those, not this file.
        # In values, ${NAME}, ${NAME:-default} and ${env:NAME} read the environment and ${file:PATH} a file; $$ is a dollar.
        # Relative paths start from the folder of the file they stand in.
        # Durations: 200ms 30s 5m 2h 30d. Sizes: 64MiB. Ratios: 50%.

        """;

    /// <summary>The file.</summary>
    public static string Write()
    {
        var text = new StringBuilder();
        text.Append(ConfigurationSchema.Comment(ConfigurationSchema.FileName)).Append('\n').Append(Head.ReplaceLineEndings("\n"));
        foreach (var key in ((ISettingSection)ConfigurationReader.Type).Keys)
        {
            text.Append('\n');
            Key(text, key, 0, "");
        }

        return text.ToString();
    }

    private static void Key(StringBuilder text, SettingKey key, int depth, string prefix)
    {
        var lead = new string(' ', depth * Indent);
        text.Append(prefix).Append(lead).Append("# ").Append(key.Doc);
        if (key.IsLater)
            text.Append(" Not supported by this version yet.");
        else if (key.Type is not ISettingSection)
            text.Append(" Takes ").Append(key.Expected).Append('.');
        text.Append('\n').Append(prefix).Append(lead).Append(key.Name).Append(':');
        if (key.Type is ISettingSection section)
        {
            text.Append('\n');
            foreach (var child in section.Keys)
                Key(text, child, depth + 1, prefix);
            return;
        }

        text.Append(' ').Append(Default(key)).Append('\n');
        if (key.Type is ISettingMap { ItemType: ISettingSection item })
            Items(text, item, depth, prefix);
        if (key.Type is ISettingList { ItemType: ISettingSection element })
            Elements(text, element, depth, prefix);
    }

    /// <summary>The keys of one item of a map, as comments: by default there is no item. A server's keys that <c>defaults</c> shows are not shown twice.</summary>
    private static void Items(StringBuilder text, ISettingSection item, int depth, string prefix)
    {
        var isServer = depth == 0;
        var inherited = isServer ? ((ISettingSection)((ISettingSection)ConfigurationReader.Type).Keys.First(static key => key.Name == "defaults").Type).Keys : [];
        var comment = prefix.Length == 0 ? "# " : prefix;
        var lead = new string(' ', (depth + 1) * Indent);
        text.Append(comment).Append(lead).Append(isServer ? "an-id:" : "a-name:").Append('\n');
        foreach (var key in item.Keys.Where(key => inherited.All(other => other.Name != key.Name)))
            Key(text, key, depth + 2, comment);
        if (isServer)
            text.Append(comment).Append(lead).Append("  # and every key of defaults\n");
    }

    /// <summary>The keys of one element of a list, as comments: by default there is none.</summary>
    private static void Elements(StringBuilder text, ISettingSection element, int depth, string prefix)
    {
        var comment = prefix.Length == 0 ? "# " : prefix;
        text.Append(comment).Append(' ', (depth + 1) * Indent).Append("-\n");
        foreach (var key in element.Keys)
            Key(text, key, depth + 2, comment);
    }

    private static string Default(SettingKey key)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            key.WriteDefault(writer);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return YamlText.Flow(document.RootElement);
    }
}
