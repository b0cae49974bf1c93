using Akka.Actor;
using McpActors.Cluster.Health;
using McpActors.Core.Discovery;
using McpActors.Core.Health;
using Microsoft.Extensions.Hosting;

namespace McpActors.Cluster.Discovery;

/// <summary>Raises the alarm while this node's file differs from the cluster's revision, or the node cannot take it.</summary>
internal sealed class RevisionAlarms(CatalogueEvents events, IAlarms alarms, ActorSystem system) : IHostedService
{
    private const int LongestText = 200;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        events.Stood += Judge;
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken)
    {
        events.Stood -= Judge;
        return Task.CompletedTask;
    }

    private void Judge(NodeRevision here)
    {
        var subject = Akka.Cluster.Cluster.Get(system).SelfAddress.ToString();
        if (here.Standing is RevisionStanding.FileDiffers or RevisionStanding.Unreadable)
            alarms.Raise(AlarmEvent.ConfigDrift, subject, here.Reason!.Length > LongestText ? here.Reason[..LongestText] : here.Reason);
        else if (here.Standing == RevisionStanding.InStep)
            alarms.Clear(AlarmEvent.ConfigDrift, subject);
    }
}
