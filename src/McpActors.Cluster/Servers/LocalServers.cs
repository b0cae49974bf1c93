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

    /// <summary>Those that serve, at this moment.</summary>
    public IEnumerable<KeyValuePair<ServerId, IActorRef>> Serving => _serving;

    /// <summary>Notes that an actor serves.</summary>
    public void Add(ServerId server, IActorRef actor) => _serving[server] = actor;

    /// <summary>Notes that it does not any more; a successor's note stays.</summary>
    public void Remove(ServerId server, IActorRef actor) => _serving.TryRemove(new KeyValuePair<ServerId, IActorRef>(server, actor));

    /// <summary>The actor of a server, if it serves here.</summary>
    public bool TryFind(ServerId server, [NotNullWhen(true)] out IActorRef? actor) => _serving.TryGetValue(server, out actor);
}
