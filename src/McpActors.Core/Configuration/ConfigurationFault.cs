using System.Globalization;
using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration;

/// <summary>One thing that is wrong in a configuration, or worth a warning.</summary>
/// <param name="File">The file, as it was given.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Path">The setting, for example <c>servers.search.circuit.openFor</c>.</param>
/// <param name="Message">What was found and what is expected.</param>
public sealed record ConfigurationFault(string File, int Line, int Column, string Path, string Message)
{
    /// <summary>A fault at a mark.</summary>
    public static ConfigurationFault At(SourceMark mark, string path, string message) => new(mark.File.Name, mark.Line, mark.Column, path, message);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {(Path.Length == 0 ? "" : Path + ": ")}{Message}");
}
