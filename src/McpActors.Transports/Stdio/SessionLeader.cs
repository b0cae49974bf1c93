namespace McpActors.Transports.Stdio;

/// <summary>The <c>setsid</c> program, which makes a child the leader of its own process group before it becomes the wanted program.</summary>
internal static class SessionLeader
{
    private const string SystemPath = "/usr/bin:/bin:/usr/local/bin";

    private static readonly Lazy<string?> Found = new(() => CommandResolver.Find("setsid", null, SystemPath));

    /// <summary>Its path.</summary>
    /// <exception cref="PlatformNotSupportedException">This system has none.</exception>
    public static string Path => Found.Value
        ?? throw new PlatformNotSupportedException("Servers with a command need the program 'setsid' (package util-linux), which is not in " + SystemPath);
}
