using Akka.Actor;
using McpActors.Cluster.Discovery;
using McpActors.Core.Configuration;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Servers;

/// <summary>
/// Wakes the actors of servers that run without being asked. Any message wakes one, so a question for the state is enough; it is repeated, because an actor
/// that moved to another node sleeps there until somebody speaks to it.
/// </summary>
internal sealed class EagerStarter : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly ICatalogue _catalogue;
    private readonly IActorRef _region;

    public EagerStarter(ICatalogue catalogue, IActorRef region)
    {
        _catalogue = catalogue;
        _region = region;
        Receive<CatalogueChanged>(_ => Wake());
        Receive<Again>(_ => Wake());
        Receive<ServerStatus>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ICatalogue catalogue, IActorRef region) => Akka.Actor.Props.Create(() => new EagerStarter(catalogue, region));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(CatalogueChanged));
        Timers.StartPeriodicTimer("again", Again.Instance, TimeSpan.Zero, Interval);
    }

    private void Wake()
    {
        foreach (var server in _catalogue.Current.Servers)
        {
            if (server is { Start: StartMode.Eager, Enabled: true })
            {
                _region.Tell(new ServerProtocol.GetStatus(server.Id), Self);
            }
        }
    }

    private sealed record Again : INoSerializationVerificationNeeded
    {
        public static Again Instance { get; } = new();
    }
}
