using System.Collections.Concurrent;
using McpActors.Core;
using McpActors.Core.Servers;
using McpActors.Core.Servers.Calls;
using McpActors.Gateway.Management;
using McpActors.Gateway.Pipeline;
using Prometheus;

namespace McpActors.Gateway.Observability;

/// <summary>
/// Counts calls and attempts for Prometheus. The children of each label set are looked up once and kept: a call costs two dictionary reads.
/// A tool's name is a label only while the server has few of them, so that a server that invents names can't fill the memory.
/// </summary>
internal sealed class CallMetrics : ICallObserver
{
    private const int MaxToolsPerServer = 200;
    private const string OtherTool = "other";

    private static readonly Histogram Operations = Metrics.CreateHistogram(
        Telemetry.Metrics.ServerOperationDuration, "Time that clients waited for their calls.",
        new HistogramConfiguration { LabelNames = ["server", "method", "outcome"], Buckets = Telemetry.DurationBuckets });

    private static readonly Histogram UpstreamOperations = Metrics.CreateHistogram(
        Telemetry.Metrics.ClientOperationDuration, "Time that attempts at the servers took.",
        new HistogramConfiguration { LabelNames = ["server", "method", "outcome"], Buckets = Telemetry.DurationBuckets });

    private static readonly Counter ToolCalls = Metrics.CreateCounter(Telemetry.Metrics.Calls, "Tool calls by tool and outcome.", "server", "tool", "outcome");
    private static readonly Counter AttemptCount = Metrics.CreateCounter(Telemetry.Metrics.Attempts, "Attempts at the servers; more than the calls when some were repeated.", "server", "retry");
    private static readonly Gauge Running = Metrics.CreateGauge(Telemetry.Metrics.InFlight, "Calls in hand.", "server");

    private readonly ConcurrentDictionary<(ServerId, string, CallEnd), Histogram.Child> _operations = new();
    private readonly ConcurrentDictionary<(ServerId, string, AttemptResult), Histogram.Child> _attempts = new();
    private readonly ConcurrentDictionary<(ServerId, string, CallEnd), Counter.Child> _tools = new();
    private readonly ConcurrentDictionary<(ServerId, bool), Counter.Child> _attemptCounts = new();
    private readonly ConcurrentDictionary<ServerId, Gauge.Child> _running = new();
    private readonly ConcurrentDictionary<ServerId, ConcurrentDictionary<string, bool>> _toolNames = new();

    /// <summary>
    /// Keeps prometheus-net from listening to every event source and meter of the process: the runtime then writes an event for each
    /// step of each request, at several times the cost of a call's own work.
    /// </summary>
    public static void SuppressCostlyDefaults() => Metrics.SuppressDefaultMetrics(
        new SuppressDefaultMetricOptions { SuppressEventCounters = true, SuppressMeters = true, SuppressDebugMetrics = true });

    /// <inheritdoc />
    public void Started(ServerId server, string method) => RunningOf(server).Inc();

    /// <inheritdoc />
    public void Finished(ServerId server, string method, string? tool, CallEnd end, TimeSpan duration)
    {
        RunningOf(server).Dec();
        _operations.GetOrAdd((server, method, end), static key => Operations.WithLabels(key.Item1.Value, key.Item2, Views.Word(key.Item3))).Observe(duration.TotalSeconds);
        if (tool is not null)
            _tools.GetOrAdd((server, Bounded(server, tool), end), static key => ToolCalls.WithLabels(key.Item1.Value, key.Item2, Views.Word(key.Item3))).Inc();
    }

    /// <inheritdoc />
    public void Attempted(ServerId server, string method, AttemptResult result, int attempt, TimeSpan duration)
    {
        _attempts.GetOrAdd((server, method, result), static key => UpstreamOperations.WithLabels(key.Item1.Value, key.Item2, Views.Word(key.Item3))).Observe(duration.TotalSeconds);
        _attemptCounts.GetOrAdd((server, attempt > 1), static key => AttemptCount.WithLabels(key.Item1.Value, key.Item2 ? "yes" : "no")).Inc();
    }

    private Gauge.Child RunningOf(ServerId server) => _running.GetOrAdd(server, static id => Running.WithLabels(id.Value));

    private string Bounded(ServerId server, string tool)
    {
        var names = _toolNames.GetOrAdd(server, static _ => new ConcurrentDictionary<string, bool>());
        if (names.ContainsKey(tool))
            return tool;
        return names.Count < MaxToolsPerServer && names.TryAdd(tool, true) ? tool : OtherTool;
    }
}
