using Xunit;

namespace McpActors.Testing;

/// <summary>Where things lie in the checkout that the tests were built from.</summary>
public static class Checkout
{
    private static readonly DirectoryInfo s_output = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>The folder of <c>McpActors.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary><c>Debug</c> or <c>Release</c>, as the running tests were built.</summary>
    public static string Configuration { get; } = s_output.Parent?.Name ?? "Debug";

    /// <summary>True on a machine that must have everything the tests need: there a missing thing fails, elsewhere it skips.</summary>
    public static bool IsContinuousIntegration { get; } = Environment.GetEnvironmentVariable("CI") is "true" or "1";

    /// <summary>The built executable of a project of this repository.</summary>
    /// <param name="project">Its folder relative to the root, for example <c>src/McpActors.Gateway</c>.</param>
    /// <param name="assembly">Name of the executable without extension.</param>
    public static string Executable(string project, string assembly) => Path.Combine(
        Root,
        project,
        "bin",
        Configuration,
        s_output.Name,
        OperatingSystem.IsWindows() ? assembly + ".exe" : assembly);

    /// <summary>Skips a test for want of something, or fails it on a machine that must have it.</summary>
    public static void Missing(string reason)
    {
        if (IsContinuousIntegration)
            throw new InvalidOperationException($"CI must provide this: {reason}");
        Skip.If(true, reason);
    }

    private static string FindRoot()
    {
        for (var folder = s_output; folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "McpActors.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No McpActors.sln above {s_output}.");
    }
}
