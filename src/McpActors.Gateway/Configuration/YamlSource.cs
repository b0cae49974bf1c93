using McpActors.Core.Configuration;
using McpActors.Core.Configuration.Source;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace McpActors.Gateway.Configuration;

/// <summary>
/// Reads YAML by the 1.2 core rules into nodes with marks, from the parser's events: only <c>null</c>, <c>~</c> and nothing mean nothing,
/// and every other plain value is what its setting takes it for, so that <c>no</c> and <c>on</c> stay texts.
/// </summary>
internal static class YamlSource
{
    private const int Depth = 64;

    /// <summary>The root of <paramref name="text"/>; null, with a fault, when it cannot be read.</summary>
    public static ConfigurationNode? Read(SourceFile file, string text, ICollection<ConfigurationFault> faults)
    {
        try
        {
            return new Walk(file, new Parser(new StringReader(text)), faults).Document();
        }
        catch (YamlException e)
        {
            var message = (e.InnerException?.Message ?? e.Message).TrimEnd('.');
            var (line, column) = PlaceOf(e, message, text.Split('\n'));
            faults.Add(new ConfigurationFault(file.Name, line, column, "", $"no valid YAML: {message}"));
            return null;
        }
    }

    /// <summary>The parser names the start of what it was reading; a tab is looked for, and the end of the text belongs to its last line.</summary>
    private static (int Line, int Column) PlaceOf(YamlException e, string message, string[] lines)
    {
        var tab = message.Contains(" tab ", StringComparison.Ordinal) ? Array.FindIndex(lines, static line => line.TrimStart(' ').StartsWith('\t')) : -1;
        if (tab >= 0)
            return (tab + 1, lines[tab].IndexOf('\t') + 1);
        return e.Start.Line > lines.Length ? (lines.Length, lines[^1].Length + 1) : (Math.Max(1, (int)e.Start.Line), Math.Max(1, (int)e.Start.Column));
    }

    private sealed class Walk(SourceFile file, Parser parser, ICollection<ConfigurationFault> faults)
    {
        private readonly Dictionary<AnchorName, ConfigurationNode> _anchors = [];
        private int _depth;

        public ConfigurationNode Document()
        {
            parser.Consume<StreamStart>();
            if (parser.TryConsume<StreamEnd>(out _))
                return new MapNode(new SourceMark(file, 1, 1), []);
            parser.Consume<DocumentStart>();
            var root = Value("");
            parser.Consume<DocumentEnd>();
            if (!parser.TryConsume<StreamEnd>(out _))
                faults.Add(ConfigurationFault.At(Mark(parser.Current!), "", "found a second document, expected one"));
            return root;
        }

        private ConfigurationNode Value(string path)
        {
            if (parser.TryConsume<AnchorAlias>(out var alias))
                return Alias(alias, path);
            if (++_depth > Depth)
                throw new YamlException(parser.Current!.Start, parser.Current.End, $"found more than {Depth} levels");
            var start = (NodeEvent)parser.Current!;
            ConfigurationNode node = start switch
            {
                Scalar scalar => ScalarOf(scalar, path),
                MappingStart => Map(path),
                _ => List(path),
            };
            _depth--;
            // Only now: an alias inside its own anchor has nothing to stand for.
            if (!start.Anchor.IsEmpty)
                _anchors[start.Anchor] = node;
            return node;
        }

        private ConfigurationNode Alias(AnchorAlias alias, string path)
        {
            if (_anchors.TryGetValue(alias.Value, out var node))
                return node;
            faults.Add(ConfigurationFault.At(Mark(alias), path, $"the alias *{alias.Value} stands for no finished anchor"));
            return new ScalarNode(Mark(alias), "", isNull: true);
        }

        private ScalarNode ScalarOf(Scalar scalar, string path)
        {
            parser.MoveNext();
            CheckTag(scalar, path);
            var isNull = scalar is { Style: ScalarStyle.Plain, Tag.IsEmpty: true, Value: "" or "~" or "null" or "Null" or "NULL" };
            return new ScalarNode(Mark(scalar), scalar.Value, isNull);
        }

        private MapNode Map(string path)
        {
            var start = parser.Consume<MappingStart>();
            CheckTag(start, path);
            var entries = new List<MapEntry>();
            var seen = new Dictionary<string, SourceMark>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                if (!parser.TryConsume<Scalar>(out var key))
                    throw new YamlException(parser.Current!.Start, parser.Current.End, "found a key that is no text");
                var mark = Mark(key);
                var child = SettingPath.Child(path, key.Value);
                var value = Value(child);
                if (seen.TryAdd(key.Value, mark))
                    entries.Add(new MapEntry(key.Value, mark, value));
                else
                    faults.Add(Duplicates.Fault(mark, seen[key.Value], child, key.Value));
            }

            return new MapNode(Mark(start), entries);
        }

        private ListNode List(string path)
        {
            var start = parser.Consume<SequenceStart>();
            CheckTag(start, path);
            var items = new List<ConfigurationNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(Value(SettingPath.Item(path, items.Count)));
            return new ListNode(Mark(start), items);
        }

        private void CheckTag(NodeEvent node, string path)
        {
            if (!node.Tag.IsEmpty && !node.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal))
                faults.Add(ConfigurationFault.At(Mark(node), path, $"found the tag {node.Tag.Value}, expected none"));
        }

        private SourceMark Mark(ParsingEvent at) => new(file, (int)at.Start.Line, (int)at.Start.Column);
    }
}
