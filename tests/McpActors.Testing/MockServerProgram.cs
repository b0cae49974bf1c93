namespace McpActors.Testing;

/// <summary>The mock server as a program, for tests that need a child process or one that can be killed.</summary>
public static class MockServerProgram
{
    /// <summary>The executable; it lies beside the test assembly.</summary>
    public static string Path { get; } = System.IO.Path.Combine(
        AppContext.BaseDirectory,
        OperatingSystem.IsWindows() ? "McpActors.MockServer.exe" : "McpActors.MockServer");

    /// <summary>Arguments of a server on stdio with a ledger file, see the head of the mock server's Program.cs.</summary>
    /// <param name="protocol"><c>dual</c> or one revision.</param>
    /// <param name="ledger">File that survives the process, or null.</param>
    /// <param name="more">Further arguments.</param>
    public static IReadOnlyList<string> Stdio(string protocol = "dual", string? ledger = null, params string[] more) =>
        ["--stdio", "--protocol", protocol, .. ledger is null ? (string[])[] : ["--ledger", ledger], .. more];
}
