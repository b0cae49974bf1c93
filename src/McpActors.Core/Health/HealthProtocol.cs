namespace McpActors.Core.Health;

/// <summary>What nodes say to the monitor of health.</summary>
public interface IHealthCommand;

/// <summary>What the monitor says to nodes.</summary>
public interface IHealthReply;

/// <summary>What is said to and by the cluster's one monitor of health. Lists are cut so that every message is small.</summary>
public static class HealthProtocol
{
    /// <summary>Verdicts, facts or alerts in one message at most.</summary>
    public const int MostInMessage = 40;

    /// <summary>
    /// A node tells what it knows, and which verdicts it has; sent every few seconds, and at once when something changed.
    /// Answers, unless it is in step: <see cref="VerdictPage"/>s; always: <see cref="InStep"/>.
    /// </summary>
    /// <param name="Node">The node's address.</param>
    /// <param name="Life">The life of the monitor whose verdicts the node has; 0: none.</param>
    /// <param name="Revision">The revision of these verdicts.</param>
    /// <param name="Alarms">All that is the matter with the node, in full.</param>
    /// <param name="Signals">Momentary events since the report before.</param>
    /// <param name="Facts">Servers of the node of which there is something new.</param>
    public sealed record NodeReport(
        string Node, long Life, long Revision, IReadOnlyList<Alarm> Alarms, IReadOnlyList<Alarm> Signals, IReadOnlyList<ServerFacts> Facts) : IHealthCommand;

    /// <summary>Asks for a page of alerts. Answer: <see cref="AlertPage"/>.</summary>
    /// <param name="State">Only those in this state; null: all.</param>
    /// <param name="After">The <see cref="AlertPage.Next"/> of the page before; empty: from the first.</param>
    /// <param name="Limit">Entries at most; no more than <see cref="MostInMessage"/>.</param>
    public sealed record GetAlerts(AlertState? State, string After, int Limit) : IHealthCommand;

    /// <summary>The node's report was taken, and it has the verdicts of this revision, or is about to: pages and news precede this.</summary>
    public sealed record InStep(long Life, long Revision) : IHealthReply;

    /// <summary>A part of all verdicts; servers that are in none are unknown.</summary>
    public sealed record VerdictPage(long Life, long Revision, IReadOnlyList<ServerHealth> Verdicts, bool First, bool Last) : IHealthReply;

    /// <summary>Changed verdicts, in order; each raises the revision by one. A node that misses some asks again.</summary>
    public sealed record VerdictNews(long Life, long Revision, IReadOnlyList<ServerHealth> Verdicts) : IHealthReply;

    /// <summary>A page of alerts.</summary>
    /// <param name="Alerts">The alerts: those that fire, then those that are pending, raised, resolved.</param>
    /// <param name="Next">Asks for the page after it; null: there is none.</param>
    public sealed record AlertPage(IReadOnlyList<AlertLine> Alerts, string? Next) : IHealthReply;
}
