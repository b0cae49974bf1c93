using Akka.Actor;
using McpActors.Cluster.Discovery;
using McpActors.Cluster.Persistence;
using McpActors.Core.Health;

namespace McpActors.Cluster.Health;

/// <summary>The members of the cluster, by address.</summary>
/// <param name="Members">All.</param>
/// <param name="Unreachable">Those that are not heard of.</param>
internal sealed record MembersSeen(IReadOnlySet<string> Members, IReadOnlySet<string> Unreachable);

/// <summary>What the monitor of health works with.</summary>
internal sealed record HealthMonitorSetup
{
    /// <summary>How the journal does.</summary>
    public required JournalHealth Journal { get; init; }

    /// <summary>The recorder.</summary>
    public RecorderSettings Recorder { get; init; } = RecorderSettings.Default;

    /// <summary>The time.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The servers, and the alert rules of the cluster's configuration.</summary>
    public required ICatalogue Catalogue { get; init; }

    /// <summary>Whether the catalogue is the cluster's, with all that was added at run time or discovered: after a start it is the node's own file at first.</summary>
    public required Func<bool> IsInStep { get; init; }

    /// <summary>The alert rules now.</summary>
    public IReadOnlyList<AlertRule> Rules => Catalogue.File.Configuration.Health.Alerts;

    /// <summary>The way to webhooks.</summary>
    public required IWebhooks Webhooks { get; init; }

    /// <summary>The region of the server actors; null before it has started.</summary>
    public required Func<IActorRef?> Servers { get; init; }

    /// <summary>The members of the cluster.</summary>
    public required Func<MembersSeen> Members { get; init; }

    /// <summary>The node's name, for what it tells the live feed.</summary>
    public string Node { get; init; } = "";

    /// <summary>Counters.</summary>
    public IHealthMetrics Metrics { get; init; } = new NoHealthMetrics();

    /// <summary>What keeps probes from hurting.</summary>
    public ProbeLimits Limits { get; init; } = ProbeLimits.Default;

    /// <summary>Randomness for jitter.</summary>
    public Random Random { get; init; } = Random.Shared;
}
