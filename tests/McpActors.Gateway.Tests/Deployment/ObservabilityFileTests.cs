using System.Reflection;
using System.Text.RegularExpressions;
using McpActors.Core;
using McpActors.Testing;

namespace McpActors.Gateway.Tests.Deployment;

/// <summary>A rule on a metric that nobody shows never fires, and nobody notices.</summary>
public sealed partial class ObservabilityFileTests
{
    private static readonly string[] Suffixes = ["", "_bucket", "_sum", "_count"];

    [Theory]
    [InlineData("alerts.yml", 10)]
    [InlineData("grafana-dashboard.json", 15)]
    public void Every_metric_of_rules_and_dashboard_is_one_that_nodes_show(string file, int atLeast)
    {
        var shown = typeof(Telemetry.Metrics).GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            .Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)
            .SelectMany(name => Suffixes.Select(suffix => name + suffix)).ToHashSet();
        var text = File.ReadAllText(Path.Combine(Checkout.Root, "cluster-config", "observability", file));
        var used = Metric().Matches(text).Select(match => match.Value).Distinct().ToList();

        used.Count.ShouldBeGreaterThanOrEqualTo(atLeast);
        used.Where(name => !shown.Contains(name)).ShouldBeEmpty();
    }

    [GeneratedRegex(@"\bmcp(actors|_server|_client)_[a-z_]+\b")]
    private static partial Regex Metric();
}
