using McpActors.ConformanceServer;
using McpActors.Testing;
using Xunit.Abstractions;

namespace McpActors.EndToEnd.Tests.Conformance;

/// <summary>
/// The official suite, directly against the fixture and through <c>/mcp/fixture</c>: fixture of either era × requirements of either
/// revision. What is known to fail stands in one file per cell with its reason; a failure that is not there and an entry that no longer
/// fails both break the build.
/// </summary>
[Collection(Alone.Name)]
public sealed class ConformanceTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData(Era.Legacy, "2025-11-25", 30)]
    [InlineData(Era.Modern, "2026-07-28", 37)]
    public async Task Fixture_passes_what_its_own_era_requires(Era era, string revision, int required)
    {
        var node = await NodeTools.RequireAsync();
        await using var fixture = await FixtureServer.StartAsync(era);

        var run = await ConformanceSuite.RunAsync(node, fixture.Url, revision, null);

        run.ExitCode.ShouldBe(0, run.Text);
        run.Passed.Count.ShouldBeGreaterThanOrEqualTo(required, run.Text);
    }

    [SkippableTheory]
    [InlineData(Era.Legacy, "2025-11-25")]
    [InlineData(Era.Legacy, "2026-07-28")]
    [InlineData(Era.Modern, "2025-11-25")]
    [InlineData(Era.Modern, "2026-07-28")]
    public async Task Gateway_passes_all_but_what_its_cell_lists(Era era, string revision)
    {
        var node = await NodeTools.RequireAsync();
        await using var fixture = await FixtureServer.StartAsync(era);

        // The suite provokes errors in a row; an open circuit would answer the scenarios after them.
        await using var gateway = await GatewayProcess.StartAsync($$"""
            servers:
              fixture:
                url: "{{fixture.Url}}"
                circuit: { minimumCalls: 10000, consecutiveFailures: 10000 }
            """);
        var cell = Path.Combine(node.Folder, "Conformance", $"{era.ToString().ToLowerInvariant()}-{revision}.yml");
        var url = new UriBuilder(gateway.Mcp("fixture")) { Host = "localhost" }.Uri;

        var run = await ConformanceSuite.RunAsync(node, url, revision, cell);

        output.WriteLine(run.Text);
        run.ExitCode.ShouldBe(0, run.Text);
    }
}
