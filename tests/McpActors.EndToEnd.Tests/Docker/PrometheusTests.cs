using McpActors.Testing;

namespace McpActors.EndToEnd.Tests.Docker;

/// <summary>The rules of Prometheus by its own tool; its configuration is read by a real Prometheus with the compose file.</summary>
public sealed class PrometheusTests
{
    private const string Tool = "/usr/bin/promtool";

    [SkippableFact]
    public async Task Alert_rules_are_rules_to_promtool()
    {
        if (!File.Exists(Tool))
            Checkout.Missing("promtool is not installed (Debian: apt-get install prometheus)");

        var result = await ProgramRun.RunAsync(Tool, ["check", "rules", "cluster-config/observability/alerts.yml"], Checkout.Root, TimeSpan.FromSeconds(30));

        result.ExitCode.ShouldBe(0, result.ToString());
        result.Output.ShouldContain("rules found");
    }
}
