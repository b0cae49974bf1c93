using System.Diagnostics.CodeAnalysis;
using McpActors.Core.Routing;

namespace McpActors.Core.Discovery.Sources;

/// <summary>The name of a place that servers come from, as <c>kind:name</c>: <c>registry:registry.example</c>, <c>docker:worker-1</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Which one of its kind; empty where there is only one.</param>
public readonly record struct SourceName(ServerSource Kind, string Name)
{
    /// <summary>Longest name, characters; a longer one is cut and gets a hash of the whole.</summary>
    private const int MaxLength = 120;

    /// <summary>The management API.</summary>
    public static SourceName Api { get; } = new(ServerSource.Api, "");

    /// <summary>The configuration file.</summary>
    public static SourceName File { get; } = new(ServerSource.File, "");

    /// <summary>The engine of a node.</summary>
    /// <param name="node">The node's name, which its restarts do not change: its address may be another each time.</param>
    public static SourceName Docker(string node) => new(ServerSource.Docker, Cut(node));

    /// <summary>A registry, by its address without scheme, user and query.</summary>
    public static SourceName Registry(Uri url) => new(ServerSource.Registry, Cut(url.Authority + url.AbsolutePath.TrimEnd('/')));

    /// <summary>A file of <c>discovery.files</c>.</summary>
    public static SourceName DiscoveredFile(string path) => new(ServerSource.DiscoveredFile, path);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SourceName name)
    {
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        var word = colon < 0 ? text : text![..colon];
        foreach (var kind in Enum.GetValues<ServerSource>())
        {
            if (WordOf(kind) != word)
                continue;
            name = new SourceName(kind, colon < 0 ? "" : text![(colon + 1)..]);
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>By rank of the kind, then by name.</summary>
    public static IComparer<SourceName> Order { get; } = Comparer<SourceName>.Create(static (one, other) =>
        one.Kind != other.Kind ? one.Kind.CompareTo(other.Kind) : string.CompareOrdinal(one.Name, other.Name));

    /// <inheritdoc/>
    public override string ToString() => Name.Length == 0 ? WordOf(Kind) : $"{WordOf(Kind)}:{Name}";

    private static string WordOf(ServerSource kind) => kind switch
    {
        ServerSource.Api => "api",
        ServerSource.File => "file",
        ServerSource.DiscoveredFile => "mcp.json",
        ServerSource.Docker => "docker",
        ServerSource.Registry => "registry",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static string Cut(string name) => name.Length <= MaxLength
        ? name
        : $"{name[..(MaxLength - 9)]}~{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)).AsSpan(0, 4))}";
}
