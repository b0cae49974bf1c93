using Akka.Actor;
using McpActors.Core.Configuration;

namespace McpActors.Cluster.Discovery.Sources;

/// <summary>Runs the watcher of this node's engine while the configuration in force asks for one, and starts it anew when it asks for something else.</summary>
internal sealed class DockerSources : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly IActorRef _coordinator;
    private readonly SourcesNode _node;
    private DockerDiscoveryOptions _watched = DockerDiscoveryOptions.Default;
    private IActorRef? _watcher;
    private int _number;

    public DockerSources(IActorRef coordinator, SourcesNode node)
    {
        (_coordinator, _node) = (coordinator, node);
        Receive<LookDue>(_ => Look());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef coordinator, SourcesNode node) => Akka.Actor.Props.Create(() => new DockerSources(coordinator, node));

    protected override void PreStart()
    {
        Look();
        Timers.StartPeriodicTimer("look", LookDue.Instance, LookEvery);
    }

    private void Look()
    {
        var wanted = _node.Discovery().Docker;
        if (wanted == _watched)
            return;
        _watched = wanted;
        if (_watcher is { } before)
            Context.Stop(before);
        _watcher = wanted.Enabled ? Context.ActorOf(DockerWatcher.Props(_coordinator, wanted, _node), $"docker-{++_number}") : null;
    }

    private sealed record LookDue : INoSerializationVerificationNeeded
    {
        public static LookDue Instance { get; } = new();
    }
}
