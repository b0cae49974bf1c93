using Akka.Actor;
using Akka.Hosting;

namespace McpActors.Cluster.Tests.Hosting;

/// <summary>An actor of a test in the place of one of the node.</summary>
internal sealed class KnownActor<T>(IActorRef actor) : IRequiredActor<T>
{
    public IActorRef ActorRef => actor;

    public Task<IActorRef> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(actor);
}
