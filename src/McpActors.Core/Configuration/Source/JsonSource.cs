using System.Text;
using System.Text.Json;

namespace McpActors.Core.Configuration.Source;

/// <summary>Reads JSON, as people write it (comments, trailing commas), into nodes with marks.</summary>
public static class JsonSource
{
    private const int Depth = 64;

    /// <summary>The root of <paramref name="json"/>; null, with a fault, when it is no JSON.</summary>
    public static ConfigurationNode? Read(SourceFile file, ReadOnlySpan<byte> json, ICollection<ConfigurationFault> faults)
    {
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];
        var lines = new LineIndex(json);
        var reader = new Utf8JsonReader(
            json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = Depth });
        try
        {
            reader.Read();
            var walk = new Walk(file, lines, faults);
            var root = walk.Value(ref reader, "");
            reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            var line = (int)(e.LineNumber ?? 0);
            var message = e.Message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
            faults.Add(new ConfigurationFault(file.Name, line + 1, (int)(e.BytePositionInLine ?? 0) + 1, "", $"no valid JSON: {message}"));
            return null;
        }
        catch (InvalidOperationException)
        {
            // GetString on a value whose escapes or bytes are no text
            var (line, column) = lines.At(reader.TokenStartIndex);
            faults.Add(new ConfigurationFault(file.Name, line, column, "", "no valid JSON: found bytes that are no Unicode text"));
            return null;
        }
    }

    private sealed class Walk(SourceFile file, LineIndex lines, ICollection<ConfigurationFault> faults)
    {
        public ConfigurationNode Value(ref Utf8JsonReader reader, string path)
        {
            var mark = Mark(ref reader);
            return reader.TokenType switch
            {
                JsonTokenType.StartObject => Map(ref reader, mark, path),
                JsonTokenType.StartArray => List(ref reader, mark, path),
                JsonTokenType.Null => new ScalarNode(mark, "", isNull: true),
                JsonTokenType.String => new ScalarNode(mark, reader.GetString()!),
                _ => new ScalarNode(mark, Encoding.UTF8.GetString(reader.ValueSpan)),
            };
        }

        private MapNode Map(ref Utf8JsonReader reader, SourceMark mark, string path)
        {
            var entries = new List<MapEntry>();
            var seen = new Dictionary<string, SourceMark>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.GetString()!;
                var keyMark = Mark(ref reader);
                var child = SettingPath.Child(path, key);
                reader.Read();
                var value = Value(ref reader, child);
                if (seen.TryAdd(key, keyMark))
                    entries.Add(new MapEntry(key, keyMark, value));
                else
                    faults.Add(Duplicates.Fault(keyMark, seen[key], child, key));
            }

            return new MapNode(mark, entries);
        }

        private ListNode List(ref Utf8JsonReader reader, SourceMark mark, string path)
        {
            var items = new List<ConfigurationNode>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                items.Add(Value(ref reader, SettingPath.Item(path, items.Count)));
            return new ListNode(mark, items);
        }

        private SourceMark Mark(ref Utf8JsonReader reader)
        {
            var (line, column) = lines.At(reader.TokenStartIndex);
            return new SourceMark(file, line, column);
        }
    }

    /// <summary>Turns byte offsets into lines and columns.</summary>
    private sealed class LineIndex
    {
        private readonly List<long> _starts = [0];

        public LineIndex(ReadOnlySpan<byte> text)
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == (byte)'\n')
                    _starts.Add(i + 1);
            }
        }

        public (int Line, int Column) At(long offset)
        {
            var found = _starts.BinarySearch(offset);
            var line = found >= 0 ? found : ~found - 1;
            return (line + 1, (int)(offset - _starts[line]) + 1);
        }
    }
}

/// <summary>The fault of a key that stands twice in one map.</summary>
public static class Duplicates
{
    /// <summary>The fault, which names the first place.</summary>
    public static ConfigurationFault Fault(SourceMark second, SourceMark first, string path, string key) =>
        ConfigurationFault.At(second, path, $"the key '{key}' is already in line {first.Line.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
}
