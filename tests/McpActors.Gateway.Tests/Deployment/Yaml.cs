using McpActors.Testing;
using YamlDotNet.RepresentationModel;

namespace McpActors.Gateway.Tests.Deployment;

/// <summary>Reads what is deployed, as the tools that deploy it do: aliases resolved, <c>&lt;&lt;</c> merged.</summary>
internal static class Yaml
{
    /// <summary>The documents of a file of the repository.</summary>
    public static IReadOnlyList<YamlNode> Documents(string file)
    {
        using var reader = File.OpenText(Path.Combine(Checkout.Root, file));
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    /// <summary>The node at a path of keys and indices, such as <c>spec/ports/0/name</c>; null where there is none.</summary>
    public static YamlNode? At(this YamlNode node, string path)
    {
        foreach (var step in path.Split('/'))
        {
            var next = node switch
            {
                YamlMappingNode map => Find(map, step),
                YamlSequenceNode list => int.TryParse(step, out var index) && index < list.Children.Count ? list.Children[index] : null,
                _ => null,
            };
            if (next is null)
                return null;
            node = next;
        }

        return node;
    }

    /// <summary>The scalar at a path.</summary>
    public static string? Text(this YamlNode node, string path) => (node.At(path) as YamlScalarNode)?.Value;

    /// <summary>The items of the list at a path.</summary>
    public static IReadOnlyList<YamlNode> List(this YamlNode node, string path) => (node.At(path) as YamlSequenceNode)?.Children.ToList() ?? [];

    /// <summary>The map at a path, as pairs of text.</summary>
    public static IReadOnlyDictionary<string, string?> Map(this YamlNode node, string path) =>
        (node.At(path) as YamlMappingNode)?.Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => (pair.Value as YamlScalarNode)?.Value) ?? [];

    /// <summary>The value of a key; what the map says itself wins over what it merges.</summary>
    private static YamlNode? Find(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var own) ? own
        : map.Children.TryGetValue(new YamlScalarNode("<<"), out var merged) && merged is YamlMappingNode from ? Find(from, key)
        : null;

    /// <summary>Seconds of a duration such as <c>80s</c>.</summary>
    public static TimeSpan Seconds(string? text) => TimeSpan.FromSeconds(int.Parse(text!.TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture));
}
