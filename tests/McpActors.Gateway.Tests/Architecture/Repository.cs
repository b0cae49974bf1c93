using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace McpActors.Gateway.Tests.Architecture;

/// <summary>The checkout that the tests were built from, read as source text.</summary>
internal static class Repository
{
    /// <summary>The folder that holds <c>McpActors.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file that people wrote in <c>src</c>, parsed.</summary>
    public static IReadOnlyList<SourceFile> Production { get; } = Read("src");

    /// <summary>The C# files below <paramref name="folder"/>, build output left out.</summary>
    public static IReadOnlyList<SourceFile> Read(string folder) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => (path, relative: Path.GetRelativePath(Root, path).Replace('\\', '/')))
            .Where(file => !file.relative.Contains("/obj/") && !file.relative.Contains("/bin/") && !file.relative.Contains("/node_modules/"))
            .Select(file => new SourceFile(file.relative, File.ReadAllText(file.path)))
            .OrderBy(file => file.Path, StringComparer.Ordinal),
    ];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "McpActors.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("McpActors.sln was not found above " + AppContext.BaseDirectory);
    }
}

/// <summary>One source file with its syntax tree.</summary>
internal sealed class SourceFile(string path, string text)
{
    /// <summary>The path from the repository's root, with forward slashes.</summary>
    public string Path { get; } = path;

    /// <summary>Physical lines.</summary>
    public int Lines { get; } = text.AsSpan().Count('\n');

    /// <summary>The parsed file.</summary>
    public SyntaxNode Root { get; } = CSharpSyntaxTree.ParseText(text, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest)).GetRoot();
}
