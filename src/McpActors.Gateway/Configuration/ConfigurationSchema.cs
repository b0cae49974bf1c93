using System.Buffers;
using System.Text;
using System.Text.Json;
using McpActors.Core.Configuration;

namespace McpActors.Gateway.Configuration;

/// <summary>The JSON Schema of the configuration file, for editors.</summary>
internal static class ConfigurationSchema
{
    /// <summary>The shipped copy, beside the shipped files.</summary>
    public const string FileName = "mcpactors.schema.json";

    /// <summary>The first line of a file that wants completion and checks in editors with the YAML language server.</summary>
    public static string Comment(string pathToSchema) => "# yaml-language-server: $schema=" + pathToSchema;

    /// <summary>The schema as indented JSON. Draft 7: what editors understand.</summary>
    public static string Write()
    {
        var buffer = new ArrayBufferWriter<byte>(64 << 10);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            writer.WriteString("title", "McpActors configuration");
            ConfigurationReader.Type.WriteSchema(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }
}
