using System.Buffers;
using System.Text;
using System.Text.Json;
using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration;

/// <summary>The keys of one folder's files, references unresolved.</summary>
/// <param name="Folder">Where their relative paths start, as a path from the folder of the node's first file, with slashes; empty: that folder itself.</param>
/// <param name="Root">The keys.</param>
public sealed record FolderPart(string Folder, MapNode Root);

/// <summary>
/// The part of configuration files that belongs to the cluster, as canonical JSON: without the keys of a node, without comments, order of keys and notation, and
/// with every <c>${…}</c> as it is written, so that no secret travels and nodes whose node keys or environments differ have the same. Relative paths stay
/// relative: each node resolves them from the folder of its own files.
/// </summary>
public static class ClusterPart
{
    private const int Format = 1;

    private static readonly HashSet<string> NodeSections =
        new(StringComparer.Ordinal) { "version", "node", "cluster", "persistence", "front", "management", "observability", "shutdown" };

    /// <summary>Writes the cluster's keys of these parts.</summary>
    public static byte[] Write(IEnumerable<FolderPart> parts)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", Format);
            writer.WriteStartObject("folders");
            foreach (var part in parts.OrderBy(static part => part.Folder, StringComparer.Ordinal))
            {
                var keys = part.Root.Entries.Where(static entry => !NodeSections.Contains(entry.Key) && !IsEmpty(entry.Value)).ToArray();
                if (keys.Length == 0)
                    continue;
                writer.WritePropertyName(part.Folder);
                Write(writer, part.Root.With(keys));
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Write(IEnumerable{FolderPart})"/> wrote.</summary>
    /// <param name="canonical">The JSON.</param>
    /// <param name="name">What faults call it.</param>
    /// <param name="folder">Absolute folder of this node's first file.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static IReadOnlyList<FolderPart> Read(ReadOnlyMemory<byte> canonical, string name, string folder)
    {
        try
        {
            using var document = JsonDocument.Parse(canonical);
            var format = document.RootElement.GetProperty("format").GetInt32();
            if (format != Format)
                throw new InvalidDataException($"it has the form {format}, which this version does not know; expected {Format}");
            return [.. document.RootElement.GetProperty("folders").EnumerateObject().Select(part => Read(part, name, folder))];
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"it is no configuration: {fault.Message}", fault);
        }
    }

    private static FolderPart Read(JsonProperty part, string name, string folder)
    {
        var faults = new List<ConfigurationFault>();
        var file = new SourceFile(name, Path.GetFullPath(part.Name, folder));
        return JsonSource.Read(file, Encoding.UTF8.GetBytes(part.Value.GetRawText()), faults) is MapNode map && faults.Count == 0
            ? new FolderPart(part.Name, map)
            : throw new InvalidDataException($"it is no configuration: {(faults.Count > 0 ? faults[0].Message : "found no map")}");
    }

    private static bool IsEmpty(ConfigurationNode node) => node.IsNull || node is MapNode { Entries.Count: 0 } or ListNode { Items.Count: 0 };

    private static void Write(Utf8JsonWriter writer, ConfigurationNode node)
    {
        switch (node)
        {
            case MapNode map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value);
                }

                writer.WriteEndObject();
                break;
            case ListNode list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case ScalarNode { IsNull: false } scalar:
                // Always a text: what type it has is its setting's to say.
                writer.WriteStringValue(scalar.Text);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
