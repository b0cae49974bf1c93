using System.Globalization;

namespace McpActors.Core.Configuration.Source;

/// <summary>Where settings were written.</summary>
/// <param name="Name">As people gave it and faults show it.</param>
/// <param name="Directory">Absolute folder that relative paths in it start from; null when it is no file.</param>
public sealed record SourceFile(string Name, string? Directory)
{
    /// <summary>Settings that came over the API.</summary>
    public static SourceFile Api { get; } = new("request", null);
}

/// <summary>A place in a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public readonly record struct SourceMark(SourceFile File, int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File?.Name}:{Line}:{Column}");
}
