using System.Text.RegularExpressions;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Conformance;

/// <summary>One run of the official suite.</summary>
/// <param name="ExitCode">0 if every required scenario did as expected.</param>
/// <param name="Failed">Required and other scenarios with a failed check.</param>
/// <param name="Passed">Scenarios without one.</param>
/// <param name="Text">What it printed.</param>
internal sealed record ConformanceRun(int ExitCode, IReadOnlyList<string> Failed, IReadOnlyList<string> Passed, string Text);

/// <summary>Runs the official conformance suite against a URL.</summary>
internal static partial class ConformanceSuite
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <param name="node">The npm packages.</param>
    /// <param name="url">The MCP endpoint; its host must be <c>localhost</c>.</param>
    /// <param name="revision">Whose frozen set of requirements is run.</param>
    /// <param name="expectedFailures">File with the scenarios known to fail, each with its reason; null if none may.</param>
    public static async Task<ConformanceRun> RunAsync(NodeTools node, Uri url, string revision, string? expectedFailures)
    {
        string[] expected = expectedFailures is null ? [] : ["--expected-failures", expectedFailures];
        var result = await node.RunAsync(
            node.Script("@modelcontextprotocol/conformance"),
            ["server", "--url", url.ToString(), "--requirements", revision, .. expected],
            s_limit);
        return new ConformanceRun(result.ExitCode, Scenarios(result.Output, '✗'), Scenarios(result.Output, '✓'), result.ToString());
    }

    private static List<string> Scenarios(string output, char mark) =>
        [.. Line().Matches(output).Where(line => line.Groups["mark"].Value[0] == mark).Select(line => line.Groups["name"].Value)];

    [GeneratedRegex(@"^(?<mark>[✓✗]) (?<name>[a-z0-9/-]+): \d+ passed, \d+ failed", RegexOptions.Multiline)]
    private static partial Regex Line();
}
