namespace McpActors.Transports.Stdio;

/// <summary>Finds the program that a configured command means, before a process is started, so that the fault can be named.</summary>
internal static class CommandResolver
{
    /// <summary>The path of the program, or null when there is none that may be executed.</summary>
    /// <param name="command">A name to look up in <paramref name="searchPath"/>, or a path.</param>
    /// <param name="workingDirectory">What a relative path is relative to.</param>
    /// <param name="searchPath">The child's <c>PATH</c>.</param>
    public static string? Find(string command, string? workingDirectory, string? searchPath)
    {
        if (command.Contains('/', StringComparison.Ordinal))
        {
            var path = Path.GetFullPath(command, Path.GetFullPath(workingDirectory ?? "."));
            return IsExecutable(path) ? path : null;
        }

        foreach (var directory in (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.Combine(directory, command);
            if (IsExecutable(path))
            {
                return path;
            }
        }

        return null;
    }

    private static bool IsExecutable(string path)
    {
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & execute) != 0);
    }
}
