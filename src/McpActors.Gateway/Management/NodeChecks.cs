using McpActors.Cluster.Discovery;
using McpActors.Cluster.Lifecycle;
using McpActors.Cluster.Persistence;
using McpActors.Core.Discovery;

namespace McpActors.Gateway.Management;

/// <summary>One part of a node: <c>ok</c>, <c>degraded</c> (the node serves without it) or <c>failed</c> (it does not serve).</summary>
internal sealed record NodeCheck(string Name, string Status, string? Reason = null, DateTimeOffset? Since = null);

/// <summary>What readiness is made of.</summary>
internal sealed class NodeChecks(ThisMember member, INodeReadiness start, IJournalHealth journal, IDrain drain, INodeRevisions revisions)
{
    /// <summary>Every part as it is now.</summary>
    public IReadOnlyList<NodeCheck> All() => [member.Check(), Start(), Journal(), Configuration(), Intake()];

    /// <summary>Liveness: that this answers is the answer.</summary>
    public static IResult Alive() => Answers.Json(new AliveView("ok"));

    /// <summary>Readiness: 200 while calls are served, degraded parts named; 503 otherwise.</summary>
    public IResult Ready()
    {
        var checks = All();
        var status = checks.Any(check => check.Status == "failed") ? "failed" : checks.Any(check => check.Status == "degraded") ? "degraded" : "ok";
        return Answers.Json(new ReadyView(status, checks), status == "failed" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private NodeCheck Start() => start.IsReady ? new NodeCheck("start", "ok") : new NodeCheck("start", "failed", "The node is still warming up.");

    private NodeCheck Journal() => journal.State switch
    {
        JournalState.Degraded degraded => new NodeCheck("journal", "degraded", $"{degraded.Reason}; {degraded.Queued} events wait. Calls go on, operator actions are refused.", degraded.Since),
        _ => new NodeCheck("journal", "ok"),
    };

    /// <summary>A file that differs takes nothing from the node: it is named, and no degradation.</summary>
    private NodeCheck Configuration()
    {
        var here = revisions.Own;
        var degraded = here.Standing is RevisionStanding.Unreadable or RevisionStanding.Waiting;
        return new NodeCheck("configuration", degraded ? "degraded" : "ok", here.Reason);
    }

    private NodeCheck Intake() =>
        drain.Draining ? new NodeCheck("intake", "failed", "The node is leaving and takes no new calls.")
        : drain.IsCutOff ? new NodeCheck("intake", "failed", "The node is cut off from the majority of its cluster and takes no calls.")
        : new NodeCheck("intake", "ok");
}
