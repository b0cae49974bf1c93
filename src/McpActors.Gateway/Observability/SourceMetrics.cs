using McpActors.Cluster.Discovery.Sources;
using McpActors.Core;
using McpActors.Core.Discovery;
using McpActors.Gateway.Management;
using Prometheus;

namespace McpActors.Gateway.Observability;

/// <summary>What the sources of servers say and how they do, read when it is asked for. Labels are the source and enumerations.</summary>
internal sealed class SourceMetrics(ISources sources, SourceBoard board)
{
    private static readonly Gauge Servers = Metrics.CreateGauge(Telemetry.Metrics.SourceServers, "Servers that a source says, by what became of them.", "source", "standing");
    private static readonly Counter Questions = Metrics.CreateCounter(Telemetry.Metrics.SourceQuestions, "Questions to sources that this node asks.", "source", "result");

    private readonly Lock _lock = new();
    private HashSet<(string Source, string Standing)> _shown = [];

    /// <summary>Brings the figures up to date.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            var counted = sources.Claims.GroupBy(Key).ToDictionary(group => group.Key, group => group.Count());
            foreach (var ((source, standing), count) in counted)
                Servers.WithLabels(source, standing).Set(count);
            foreach (var (source, standing) in _shown.Where(key => !counted.ContainsKey(key)))
                Servers.RemoveLabelled(source, standing);
            _shown = [.. counted.Keys];
            foreach (var ((source, isGood), count) in board.Polls)
                Questions.WithLabels(source.ToString(), isGood ? "ok" : "failed").IncTo(count);
        }
    }

    private static (string Source, string Standing) Key(CatalogueClaim claim) => (claim.Source.ToString(), Views.Word(claim.Standing));
}
