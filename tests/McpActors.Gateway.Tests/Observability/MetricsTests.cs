using System.Reflection;
using System.Text.RegularExpressions;
using McpActors.Core;
using McpActors.Gateway.Tests.Management;

namespace McpActors.Gateway.Tests.Observability;

/// <summary>What <c>/metrics</c> shows of a node that was used. The metrics are the process's, so the server that is looked at is one that no other test has.</summary>
public sealed partial class MetricsTests(ManagementNode node) : IClassFixture<ManagementNode>
{
    private static readonly HashSet<string> Labels = ["server", "tool", "method", "outcome", "state", "transition", "reason", "result", "retry", "what", "version", "le", "source", "standing", "replica", "verdict", "rule"];

    [Fact]
    public async Task Every_name_of_the_product_has_a_metric_behind_it_and_every_metric_a_name()
    {
        var named = typeof(Telemetry.Metrics).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!).ToHashSet();

        var shown = NamesIn(await UsedAsync());
        // The monitor of health begins a moment after the node is ready, and its metrics with it.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!shown.IsSupersetOf(named) && !limit.IsCancellationRequested && await often.WaitForNextTickAsync(CancellationToken.None))
            shown = NamesIn(await node.Management.GetStringAsync("/metrics", CancellationToken.None));

        shown.ShouldBe(named, ignoreOrder: true);
    }

    [Fact]
    public async Task Names_are_in_base_units_and_labels_are_bounded()
    {
        var text = await UsedAsync();

        foreach (Match match in TypeLine().Matches(text))
        {
            var (name, type) = (match.Groups[1].Value, match.Groups[2].Value);
            if (!name.StartsWith("mcp", StringComparison.Ordinal))
                continue;
            name.EndsWith("_total", StringComparison.Ordinal).ShouldBe(type == "counter", name);
            if (type == "histogram")
                name.ShouldEndWith("_seconds");
            name.ShouldNotMatch("_(ms|millis|kb|mb|count)(_|$)");
        }

        LabelName().Matches(text).Select(match => match.Groups[1].Value).Distinct().Except(Labels).Except(["generation"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_called_server_shows_its_circuit_permits_and_connections()
    {
        var text = await UsedAsync();

        text.ShouldContain("mcpactors_circuit_state{server=\"measured\",state=\"closed\"} 1");
        text.ShouldContain("mcpactors_circuit_state{server=\"measured\",state=\"open\"} 0");
        text.ShouldContain("mcpactors_permits_in_use{server=\"measured\"} 0");
        text.ShouldContain("mcpactors_upstream_connections{server=\"measured\"} 1");
        text.ShouldContain("mcpactors_calls_total{server=\"measured\",tool=\"echo\",outcome=\"ok\"}");
        text.ShouldContain("mcpactors_journal_degraded 0");
        text.ShouldNotContain("warm-up", customMessage: "what warms the node up is no server");
    }

    private static HashSet<string> NamesIn(string text) =>
        [.. TypeLine().Matches(text).Select(match => match.Groups[1].Value).Where(name => name.StartsWith("mcp", StringComparison.Ordinal))];

    private async Task<string> UsedAsync()
    {
        await node.SendAsync("PUT", "/api/v1/servers/measured", $$"""{"url":"{{node.Mock.Url}}"}""");
        (await node.CallAsync("measured", "echo", """{"message":"x"}"""))["content"].ShouldNotBeNull();
        return await node.Management.GetStringAsync("/metrics");
    }

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"[{,]([a-z_]+)=""")]
    private static partial Regex LabelName();
}
