using System.Buffers;
using System.Text.Json;
using McpActors.Core.Configuration.Settings;

namespace McpActors.Core.Configuration;

/// <summary>The configuration in effect as JSON, with the keys of the file.</summary>
public static class ConfigurationJson
{
    /// <summary>Writes everything in effect with secrets masked.</summary>
    public static byte[] WriteMasked(GatewayConfiguration configuration, bool indented = false) =>
        Write(configuration, new WriteContext("", true, configuration.SensitivePaths), indented);

    /// <summary>Writes everything in effect, secrets as they are.</summary>
    public static byte[] WritePlain(GatewayConfiguration configuration, bool indented = false) => Write(configuration, WriteContext.Plain, indented);

    /// <summary>The leaves of a section with their plain JSON: what a comparison goes through.</summary>
    internal static IEnumerable<(string Path, string Json)> Leaves(string section, GatewayConfiguration configuration)
    {
        using var document = JsonDocument.Parse(Section(section, configuration));
        return Leaves(section, document.RootElement).ToArray();
    }

    private static byte[] Section(string section, GatewayConfiguration configuration)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            ((SettingKey<GatewayConfiguration>)RootKeys.Root.Keys.First(key => key.Name == section)).Write(writer, configuration, WriteContext.Plain);
        return buffer.WrittenSpan.ToArray();
    }

    private static IEnumerable<(string Path, string Json)> Leaves(string path, JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
            ? element.EnumerateObject().SelectMany(member => Leaves(Source.SettingPath.Child(path, member.Name), member.Value))
            : [(path, element.GetRawText())];

    private static byte[] Write(GatewayConfiguration configuration, WriteContext context, bool indented)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented }))
            RootKeys.Root.Write(writer, configuration, context);
        return buffer.WrittenSpan.ToArray();
    }
}
