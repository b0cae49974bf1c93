using McpActors.Cluster.Discovery;
using McpActors.Cluster.Persistence;
using McpActors.Cluster.Sessions;
using McpActors.Core;
using McpActors.Core.Discovery;
using Prometheus;

namespace McpActors.Gateway.Observability;

/// <summary>Figures of the node that are read when they are asked for, and counted by nobody meanwhile.</summary>
internal sealed class NodeMetrics(ISessions sessions, SessionStreams streams, IJournalHealth journal, INodeRevisions revisions, SourceMetrics sources)
{
    private static readonly Gauge ClientSessions = Metrics.CreateGauge(Telemetry.Metrics.ClientSessions, "Client sessions that this node knows.");
    private static readonly Counter Dropped = Metrics.CreateCounter(Telemetry.Metrics.Dropped, "Messages that slow readers of streams lost.");
    private static readonly Gauge Degraded = Metrics.CreateGauge(Telemetry.Metrics.JournalDegraded, "1 while the journal cannot be written, else 0.");
    private static readonly Gauge Queued = Metrics.CreateGauge(Telemetry.Metrics.JournalQueued, "Events that wait for the journal.");
    private static readonly Counter GivenUp = Metrics.CreateCounter(Telemetry.Metrics.JournalDropped, "Events given up because too many waited for the journal.");
    private static readonly Counter SecondWriters = Metrics.CreateCounter(Telemetry.Metrics.JournalSecondWriters, "Entities that stopped because another node wrote their history.");
    private static readonly Gauge Revision = Metrics.CreateGauge(Telemetry.Metrics.ConfigRevision, "Revision of the configuration that the cluster agreed on, as this node heard; -1 before.");
    private static readonly Gauge Drift = Metrics.CreateGauge(Telemetry.Metrics.ConfigDrift, "1 while this node's file differs from the cluster's revision, else 0.");
    private static readonly Gauge Unreadable = Metrics.CreateGauge(Telemetry.Metrics.ConfigUnreadable, "1 while this node cannot take the cluster's revision, else 0.");
    private static readonly Gauge Build = Metrics.CreateGauge(Telemetry.Metrics.BuildInfo, "1, labelled with the version.", "version");

    /// <summary>Brings the figures up to date.</summary>
    public void Refresh()
    {
        ClientSessions.Set(sessions.Count);
        Dropped.IncTo(streams.Dropped);
        Degraded.Set(journal.State is JournalState.Degraded ? 1 : 0);
        Queued.Set(journal.Queued);
        GivenUp.IncTo(journal.Dropped);
        SecondWriters.IncTo(journal.SecondWriters);
        var here = revisions.Own;
        Revision.Set(here.Revision);
        Drift.Set(here.AgreedHash.Length > 0 && here.AgreedHash != here.FileHash ? 1 : 0);
        Unreadable.Set(here.Standing == RevisionStanding.Unreadable ? 1 : 0);
        sources.Refresh();
        Build.WithLabels(NodeVersion.Text).Set(1);
    }
}
