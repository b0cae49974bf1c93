using Akka.Actor;
using Akka.Event;
using McpActors.Core.Servers;

namespace McpActors.Cluster.Servers;

/// <summary>
/// Sends again, through the region, what was told directly to a server actor that had just stopped: the region keeps it until the actor's successor runs,
/// here or on another node.
/// </summary>
internal sealed class UndeliveredCommands : ReceiveActor
{
    private readonly IActorRef _region;
    private readonly TimeProvider _time;

    public UndeliveredCommands(IActorRef region, TimeProvider time)
    {
        (_region, _time) = (region, time);
        Receive<DeadLetter>(OnDeadLetter);
    }

    public static Props Props(IActorRef region, TimeProvider time) => Akka.Actor.Props.Create(() => new UndeliveredCommands(region, time));

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void OnDeadLetter(DeadLetter letter)
    {
        // A region that has stopped itself would send its own letters round and round.
        if (letter.Message is IServerCommand && letter.Recipient is { } recipient && !recipient.Equals(_region) && IsUnder(recipient.Path))
            _region.Tell(letter.Message is ServerProtocol.Admit admit ? admit.Leaving(_time.GetUtcNow()) : letter.Message, letter.Sender);
    }

    // system/sharding/server/{shard}/{entity}; the shard's own letters are the region's business.
    private bool IsUnder(ActorPath path) => path.Depth == _region.Path.Depth + 2 && path.Parent.Parent.Equals(_region.Path);
}
