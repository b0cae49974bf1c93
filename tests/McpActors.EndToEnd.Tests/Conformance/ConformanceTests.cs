using McpActors.ConformanceServer;
using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Conformance;

/// <summary>
/// The official suite directly against the fixture: the baseline that a run through the gateway is compared with.
/// </summary>
public sealed class ConformanceTests
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
}
