using McpActors.Core.Configuration.Source;

namespace McpActors.Core.Configuration.Settings;

/// <summary>Paths in a configuration; pure text, nothing is looked up.</summary>
internal static class FilePaths
{
    /// <summary>Whether a text can be a path at all.</summary>
    public static bool IsPath(string text) => text.AsSpan().Trim().Length > 0 && !text.Contains('\0', StringComparison.Ordinal);

    /// <summary>A path made absolute from the folder of its file. Paths from the home folder stay as they are for who knows the home.</summary>
    public static string Absolute(string path, SourceFile file) =>
        file.Directory is null || path.StartsWith('~') || !IsPath(path) ? path : Path.GetFullPath(path, file.Directory);

    /// <summary>A path with a leading <c>~/</c> replaced by the home folder.</summary>
    public static string Home(string path, IConfigurationInputs inputs) =>
        path.StartsWith("~/", StringComparison.Ordinal) && (inputs.Variable("HOME") ?? inputs.Variable("USERPROFILE")) is { Length: > 0 } home
            ? Path.Join(home, path[2..])
            : path;

    /// <summary>A program: a bare name is searched on PATH and stays, anything with a folder in it is a path.</summary>
    public static string Program(string command, SourceFile file) =>
        command.AsSpan().ContainsAny('/', '\\') ? Absolute(command, file) : command;

    /// <summary>A connection string with its file made absolute.</summary>
    public static string Connection(string connection, SourceFile file)
    {
        var parts = connection.Split(';');
        for (var i = 0; i < parts.Length; i++)
        {
            var equals = parts[i].IndexOf('=');
            if (equals < 0 || parts[i][..equals].Trim().ToUpperInvariant() is not ("DATA SOURCE" or "DATASOURCE" or "FILENAME"))
                continue;
            var source = parts[i][(equals + 1)..].Trim();
            if (source.Length > 0 && !source.StartsWith(':') && !source.StartsWith("file:", StringComparison.Ordinal))
                parts[i] = parts[i][..(equals + 1)] + Absolute(source, file);
        }

        return string.Join(';', parts);
    }
}
