using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Servers;

/// <summary>
/// The server actors that serve on this node right now. What is said to one of them needs neither the region nor the shard in between, which are two
/// mailboxes; what arrives too late comes back as a dead letter and goes through the region (<see cref="UndeliveredCommands"/>).
/// </summary>
internal sealed class LocalServers
{
    private readonly ConcurrentDictionary<ServerId, IActorRef> _serving = new();
    private readonly ConcurrentDictionary<ServerId, IActorRef> _leaving = new();

    /// <summary>Those that serve, at this moment.</summary>
    public IEnumerable<KeyValuePair<ServerId, IActorRef>> Serving => _serving;

    /// <summary>Notes that an actor serves.</summary>
    public void Add(ServerId server, IActorRef actor) => _serving[server] = actor;

    /// <summary>Notes that it takes no new calls and waits for those in hand to end.</summary>
    public void Leave(ServerId server, IActorRef actor)
    {
        _leaving[server] = actor;
        _serving.TryRemove(new KeyValuePair<ServerId, IActorRef>(server, actor));
    }

    /// <summary>Notes that it has stopped; a successor's note stays.</summary>
    public void Remove(ServerId server, IActorRef actor)
    {
        _serving.TryRemove(new KeyValuePair<ServerId, IActorRef>(server, actor));
        _leaving.TryRemove(new KeyValuePair<ServerId, IActorRef>(server, actor));
    }

    /// <summary>The actor of a server, if it serves here.</summary>
    public bool TryFind(ServerId server, [NotNullWhen(true)] out IActorRef? actor) => _serving.TryGetValue(server, out actor);

    /// <summary>The actor of a server that waits here for its last calls, which alone is to hear of their ends.</summary>
    public bool TryFindLeaving(ServerId server, [NotNullWhen(true)] out IActorRef? actor) => _leaving.TryGetValue(server, out actor);
}
