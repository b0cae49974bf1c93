namespace McpActors.Gateway.Hosting;

/// <summary>Finds the configuration that a node runs with when it is given none.</summary>
internal static class QuickstartFile
{
    private static readonly string Relative = Path.Combine("cluster-config", "quickstart.yaml");

    /// <summary>The file in the current directory or above it, else the copy beside the program.</summary>
    public static string? Find()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, Relative);
            if (File.Exists(candidate))
                return candidate;
        }

        var shipped = Path.Combine(AppContext.BaseDirectory, Relative);
        return File.Exists(shipped) ? shipped : null;
    }
}
