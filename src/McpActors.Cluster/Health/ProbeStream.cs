using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Health;

/// <summary>Orders probes from the servers' actors, evenly and so many in a second at most. Ends with the actor that started it.</summary>
internal sealed class ProbeStream
{
    /// <summary>Waves are smoothed to this part of a second.</summary>
    private const int PartsOfASecond = 10;

    private readonly ISourceQueueWithComplete<ServerId> _orders;

    private ProbeStream(ISourceQueueWithComplete<ServerId> orders) => _orders = orders;

    /// <summary>Starts it; answers go to <paramref name="monitor"/>.</summary>
    public static ProbeStream Start(IActorContext context, IActorRef monitor, HealthMonitorSetup setup)
    {
        var limits = setup.Limits;
        var most = Math.Max(1, limits.PerSecond / PartsOfASecond);
        // Never more than AtOnce are under way, so the queue is never full.
        return new ProbeStream(Source.Queue<ServerId>(limits.AtOnce, OverflowStrategy.DropNew)
            .Throttle(most, TimeSpan.FromSeconds(1.0 / PartsOfASecond), most, ThrottleMode.Shaping)
            .To(Sink.ForEach<ServerId>(server => setup.Servers()?.Tell(new ServerProtocol.ProbeServer(server), monitor)))
            .Run(context.Materializer()));
    }

    /// <summary>Orders one.</summary>
    public void Order(ServerId server) => _ = _orders.OfferAsync(server);
}
