namespace McpActors.EndToEnd.Tests.Chaos;

/// <summary>Whether chaos was asked for.</summary>
internal static class ChaosRuns
{
    /// <summary>
    /// Skips the calling test unless it was asked for: it takes minutes, and what it shows is in the long form too (see README.md).
    /// </summary>
    public static void Require() =>
        Skip.IfNot(Environment.GetEnvironmentVariable("MCPACTORS_CHAOS_TESTS") == "1", "chaos is run only with MCPACTORS_CHAOS_TESTS=1");
}
